/* What no other file knows: how the heat map is drawn as SVG.  Lengths are pixels. */

#include "cmd/svg.h"

#include "cmd/heatmap.h"

#define MARGIN 28
#define LABELS 60 /* for the names of the rows */
#define TOP 112   /* where the cells begin */
#define BARS 86   /* for the sums at the right, with their numbers */
#define FOOT 44   /* for the sums below */
#define GAP 2     /* between two cells */

static const char *const fills[HEAT_LEVELS + 1] = {"#f1f3f5", "#fff1c2", "#ffe08a", "#ffc75a",
    "#ffa53e", "#f97f35", "#e2542f", "#bd2a2f", "#84122a"};

static const char style[] =
    "<style>text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "fill:#333a42}.h{font-size:21px;font-weight:600;fill:#15191e}.s{font-size:14px;"
    "fill:#5b6570}.k{fill:#5b6570}.n{font-size:11px;text-anchor:middle}.l{text-anchor:end}.c{"
    "font-size:11px;"
    "fill:#5b6570;text-anchor:middle}.w{fill:#fff}.b{fill:#aab4bf}.t{font-weight:600}</"
    "style>\n";

typedef struct {
    Text *text;
    const Heat *heat;
    int wide, high;              /* from one cell to the next */
    int grid_width, grid_height; /* of all cells */
    int width, height;           /* of the picture */
} Drawing;

/* Text between tags: what is safe on a terminal, with XML's own characters written out. */
static void
add_xml(Text *text, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '&')
            text_add(text, "&amp;");
        else if (*s == '<')
            text_add(text, "&lt;");
        else if (*s == '>')
            text_add(text, "&gt;");
        else
            text_add_char(text, *s);
    }
}

static void
add_label(Drawing *drawing, int x, int y, const char *class, const char *s)
{
    text_addf(drawing->text, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    add_xml(drawing->text, s);
    text_add(drawing->text, "</text>\n");
}

static int
remarks(const Heat *heat, Arena *arena)
{
    int n = 0;
    while (heatmap_remark(arena, heat, n) != NULL)
        n++;
    return n;
}

static Drawing
drawing_new(Text *text, const Heat *heat)
{
    bool week = heat->spec->grid == HEAT_WEEK;
    Drawing drawing = {
        .text = text, .heat = heat, .wide = week ? 34 : 14, .high = week ? 32 : 17};
    int lines = (int)heat->n_busy + remarks(heat, text->arena);
    drawing.grid_width = heat->columns * drawing.wide;
    drawing.grid_height = heat->rows * drawing.high;
    drawing.width = MARGIN + LABELS + drawing.grid_width + BARS + MARGIN;
    drawing.height = TOP + drawing.grid_height + FOOT + 92 + lines * 20 + MARGIN;
    return drawing;
}

static void
add_heading(Drawing *drawing)
{
    Text title = text_new(drawing->text->arena), span = text_new(drawing->text->arena);
    heatmap_title(&title, drawing->heat);
    heatmap_span(&span, drawing->heat);
    text_addf(drawing->text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
        drawing->width, drawing->height, drawing->width, drawing->height);
    add_xml(drawing->text, title.at);
    text_add(drawing->text, ", ");
    add_xml(drawing->text, span.at);
    text_add(drawing->text, "</title>\n");
    text_add(drawing->text, style);
    text_addf(drawing->text, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#fff\"/>\n",
        drawing->width, drawing->height);
    add_label(drawing, MARGIN, 44, "h", title.at);
    add_label(drawing, MARGIN, 68, "s", span.at);
    for (int column = 0; column < drawing->heat->columns; column++) {
        if (drawing->heat->spec->grid == HEAT_DAY && column % 5 != 0)
            continue;
        int x = MARGIN + LABELS + column * drawing->wide + (drawing->wide - GAP) / 2;
        add_label(drawing, x, TOP - 8, "c", arena_printf(drawing->text->arena, "%02d", column));
    }
}

/* The tooltip: "Sun 22 02:00: 14 fires". */
static void
add_tip(Drawing *drawing, int cell)
{
    const Heat *heat = drawing->heat;
    int64_t fires = heat->cells[cell];
    text_add(drawing->text, "<title>");
    heatmap_cell(drawing->text, heat, cell);
    if (heat->lasts_s[cell] == 0)
        text_add(drawing->text, " does not exist");
    else
        text_addf(drawing->text, ": %lld fire%s%s", (long long)fires, fires == 1 ? "" : "s",
            heat->lasts_s[cell] > heat->unit_s ? ", comes twice" : "");
    text_add(drawing->text, "</title>");
}

static void
add_cell(Drawing *drawing, int row, int column)
{
    const Heat *heat = drawing->heat;
    int cell = row * heat->columns + column;
    int x = MARGIN + LABELS + column * drawing->wide, y = TOP + row * drawing->high;
    int level = heat_level(heat, heat->cells[cell]);
    bool absent = heat->lasts_s[cell] == 0;
    text_addf(drawing->text,
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\"%s>", x, y,
        drawing->wide - GAP, drawing->high - GAP, drawing->wide > 20 ? 4 : 2,
        absent ? "none" : fills[level],
        absent ? " stroke=\"#aab4bf\" stroke-dasharray=\"2\"" : "");
    add_tip(drawing, cell);
    text_add(drawing->text, "</rect>\n");
    if (heat->spec->grid == HEAT_DAY || level == 0)
        return;
    int64_t fires = heat->cells[cell];
    const char *unit = fires < 10000 ? "" : "k";
    text_addf(drawing->text,
        "<text x=\"%d\" y=\"%d\" class=\"n%s\" pointer-events=\"none\">%lld%s</text>\n",
        x + (drawing->wide - GAP) / 2, y + (drawing->high - GAP) / 2 + 4, level > 5 ? " w" : "",
        (long long)(fires < 10000 ? fires : fires / 1000), unit);
}

static int64_t
row_sum(const Heat *heat, int row)
{
    int64_t sum = 0;
    for (int column = 0; column < heat->columns; column++)
        sum += heat->cells[row * heat->columns + column];
    return sum;
}

static int64_t
column_sum(const Heat *heat, int column)
{
    int64_t sum = 0;
    for (int row = 0; row < heat->rows; row++)
        sum += heat->cells[row * heat->columns + column];
    return sum;
}

/* The sum of each row, as a bar and a number at its right. */
static void
add_rows(Drawing *drawing)
{
    const Heat *heat = drawing->heat;
    Arena *arena = drawing->text->arena;
    int64_t most = 1;
    for (int row = 0; row < heat->rows; row++)
        most = row_sum(heat, row) > most ? row_sum(heat, row) : most;
    for (int row = 0; row < heat->rows; row++) {
        int y = TOP + row * drawing->high, x = MARGIN + LABELS + drawing->grid_width + 8;
        int64_t sum = row_sum(heat, row);
        int length = (int)(sum * (BARS - 50) / most);
        Text name = text_new(arena);
        heatmap_row(&name, heat, row);
        add_label(drawing, MARGIN + LABELS - 12, y + drawing->high / 2 + 3, "l", name.at);
        for (int column = 0; column < heat->columns; column++)
            add_cell(drawing, row, column);
        text_addf(drawing->text,
            "<rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>\n", x,
            y + drawing->high / 2 - 5, sum > 0 && length < 1 ? 1 : length, 8);
        if (sum > 0)
            add_label(drawing, x + length + 6, y + drawing->high / 2 + 3, "k",
                arena_printf(arena, "%lld", (long long)sum));
    }
}

/* The sum of each column, as a bar that hangs below it. */
static void
add_columns(Drawing *drawing)
{
    const Heat *heat = drawing->heat;
    int64_t most = 1;
    for (int column = 0; column < heat->columns; column++)
        most = column_sum(heat, column) > most ? column_sum(heat, column) : most;
    for (int column = 0; column < heat->columns; column++) {
        int64_t sum = column_sum(heat, column);
        int length = (int)(sum * (FOOT - 8) / most);
        text_addf(drawing->text,
            "<rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\">"
            "<title>%02d: %lld fires</title></rect>\n",
            MARGIN + LABELS + column * drawing->wide + drawing->wide / 4,
            TOP + drawing->grid_height + 6, drawing->wide / 2,
            sum > 0 && length < 1 ? 1 : length, column, (long long)sum);
    }
}

/* As many characters as fit beside a busy instant. */
#define LINE_BYTES 100

/* Shades with their numbers, the least first. */
static void
add_legend(Drawing *drawing, int y)
{
    const Heat *heat = drawing->heat;
    Arena *arena = drawing->text->arena;
    int x = MARGIN + LABELS;
    for (int level = 0; level <= HEAT_LEVELS; level++) {
        int64_t least = 0, most = 0;
        if (level > 0 && !heat_range(heat, level, 1, &least, &most))
            continue;
        const char *range =
            least == most ? arena_printf(arena, "%lld", (long long)most)
                          : arena_printf(arena, "%lld-%lld", (long long)least, (long long)most);
        text_addf(drawing->text,
            "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" rx=\"3\" fill=\"%s\"/>\n", x,
            y - 11, fills[level]);
        add_label(drawing, x + 20, y, "k", range);
        int digits = 0;
        while (range[digits] != '\0')
            digits++;
        x += 40 + digits * 8;
    }
}

static void
add_words(Drawing *drawing, int y)
{
    const Heat *heat = drawing->heat;
    Arena *arena = drawing->text->arena;
    const char *remark;
    if (heat->n_busy > 0)
        add_label(drawing, MARGIN, y, "t", "Busiest instants");
    for (size_t i = 0; i < heat->n_busy; i++) {
        Text when = text_new(arena), jobs = text_new(arena);
        heatmap_when(&when, heat, &heat->busy[i]);
        heatmap_jobs(&jobs, &heat->busy[i], LINE_BYTES);
        y += 20;
        add_label(drawing, MARGIN, y, "", when.at);
        add_label(drawing, MARGIN + 290, y, "l", heatmap_crowd(arena, &heat->busy[i]));
        add_label(drawing, MARGIN + 306, y, "", jobs.at);
    }
    y += 8;
    for (int i = 0; (remark = heatmap_remark(arena, heat, i)) != NULL; i++) {
        y += 20;
        add_label(drawing, MARGIN, y, "k", remark);
    }
}

void
svg_write(Text *text, const Heat *heat)
{
    Drawing drawing = drawing_new(text, heat);
    int below = TOP + drawing.grid_height + FOOT;
    add_heading(&drawing);
    add_rows(&drawing);
    add_columns(&drawing);
    add_legend(&drawing, below + 28);
    add_words(&drawing, below + 72);
    text_add(text, "</svg>\n");
}
