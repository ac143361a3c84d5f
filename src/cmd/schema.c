/* clock schema: what an editor needs to complete and check a Clockfile while it is typed. */

#include "cmd/cmd.h"

#include "cmd/out.h"
#include "file/schema.h"

static bool
run(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    schema_write(&text);
    return out_text(&text, error);
}

const Command command_schema = {
    .name = "schema",
    .operands = "",
    .summary = "print the JSON Schema of a Clockfile, for editors",
    .detail = "It is draft-07.  Save it, and name it in the first line of the Clockfile:\n"
              "# yaml-language-server: $schema=clockfile.schema.json",
    .run = run,
};
