# Turns the statements of src/sql into C.
#
#     awk -v part=h -f embed.awk FILE...    declarations (sql.h)
#     awk -v part=c -f embed.awk FILE...    definitions (sql.c)
#
# NAME.sql becomes `const char SQL_NAME[]`.  migrations/NNN_NAME.sql become the table
# sql_migrations, in the order in which they are named.  The comment that a file opens with is
# for people who read the file, and stays there.

function base_name(path) {
    sub(/.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

# A line as a C string literal.  '?' is escaped too: "??=" would be a trigraph.
function quoted(text) {
    gsub(/[\\"?]/, "\\\\&", text)
    gsub(/\t/, "\\t", text)
    return "\"" text "\\n\""
}

function close_file() {
    if (name == "")
        return
    if (part == "c")
        print "    \"\";"
    name = ""
}

BEGIN {
    if (part == "c") {
        print "#include \"sql.h\""
        print ""
        # C11 promises 4095 bytes; the compilers that we build with have no limit.
        print "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
    } else {
        print "#ifndef SQL_H"
        print "#define SQL_H"
        print ""
        print "#include <stddef.h>"
        print ""
        print "typedef struct {"
        print "    int version;"
        print "    const char *name;"
        print "    const char *text;"
        print "} SqlMigration;"
        print ""
        print "extern const SqlMigration sql_migrations[]; /* the oldest first */"
        print "extern const size_t sql_migrations_n;"
        print ""
    }
}

FNR == 1 {
    close_file()
    name = base_name(FILENAME)
    in_head = 1
    if (FILENAME ~ /migrations\//) {
        n++
        version[n] = substr(name, 1, 3)
        sub(/^0+/, "", version[n]) # one awk takes 010 for eight
        title[n] = substr(name, 5)
        if (part == "c")
            printf "\nstatic const char migration_%d[] =\n", version[n]
    } else if (part == "c") {
        printf "\nconst char SQL_%s[] =\n", name
    } else {
        printf "extern const char SQL_%s[];\n", name
    }
}

in_head && /^(--.*)?$/ { next }

{
    in_head = 0
    if (part == "c")
        print "    " quoted($0)
}

END {
    close_file()
    print ""
    if (part == "c") {
        print "const SqlMigration sql_migrations[] = {"
        for (i = 1; i <= n; i++)
            printf "    {%d, \"%s\", migration_%d},\n", version[i], title[i], version[i]
        print "};"
        print ""
        print "const size_t sql_migrations_n = sizeof sql_migrations / sizeof *sql_migrations;"
    } else {
        print "#endif"
    }
}
