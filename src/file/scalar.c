/* What no other file knows: how YAML 1.1 and YAML 1.2 resolve a plain scalar, and where the two
 * part (YAML 1.1, the type repository; YAML 1.2.2, 10.3.2 core schema). */

#include "file/scalar.h"

#include <string.h>

#include "base/text.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many digits stand at `at`. */
static size_t
digits(const char *at, size_t len)
{
    size_t n = 0;
    while (n < len && is_digit(at[n]))
        n++;
    return n;
}

static bool
is_one_of(const char *at, size_t len, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strlen(*words) == len && memcmp(*words, at, len) == 0)
            return true;
    }
    return false;
}

/* One of the words as YAML spells them: lower, Capital or UPPER case. */
static bool
is_cased(const char *at, size_t len, const char *word)
{
    if (strlen(word) != len)
        return false;
    bool lower = true, upper = true, capital = true;
    for (size_t i = 0; i < len; i++) {
        bool is_up = at[i] != text_lower(at[i]);
        if (text_lower(at[i]) != word[i])
            return false;
        bool has_case = word[i] >= 'a' && word[i] <= 'z';
        lower = lower && !is_up;
        upper = upper && (is_up || !has_case);
        capital = capital && is_up == (i == 0);
    }
    return lower || upper || capital;
}

/* Words as short as true and ~; the longest is false. */
static ScalarMeaning
word_meaning(const char *at, size_t len)
{
    static const char *const disputed[] = {"yes", "no", "on", "off"};
    static const char *const inf[] = {".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF",
        "+.inf", "+.Inf", "+.INF", ".nan", ".NaN", ".NAN", NULL};
    if (len == 0 || (len == 1 && at[0] == '~') || is_cased(at, len, "null"))
        return SCALAR_NULL;
    if (is_cased(at, len, "true"))
        return SCALAR_TRUE;
    if (is_cased(at, len, "false"))
        return SCALAR_FALSE;
    for (size_t i = 0; i < sizeof disputed / sizeof disputed[0]; i++) {
        if (is_cased(at, len, disputed[i]))
            return SCALAR_DISPUTED;
    }
    return is_one_of(at, len, inf) ? SCALAR_NOT_FINITE : SCALAR_TEXT;
}

/* 0x1F, 0o17, 0b11, 010, 1_000, 1:30: numbers to some. */
static bool
is_disputed_number(const char *at, size_t len)
{
    if (len >= 3 && at[0] == '0' && strchr("xob", at[1]) != NULL)
        return true;
    size_t n = 0, points = 0;
    while (n < len && (is_digit(at[n]) || at[n] == '_' || at[n] == ':' || at[n] == '.'))
        points += at[n++] == '.';
    return n == len && points <= 1 && at[len - 1] != ':';
}

static ScalarMeaning
number_meaning(const char *at, size_t len)
{
    size_t sign = at[0] == '-' || at[0] == '+';
    const char *from = at + sign;
    size_t left = len - sign;
    size_t whole = digits(from, left), point = 0, fraction = 0, i = whole;
    if (i < left && from[i] == '.') {
        point = 1;
        fraction = digits(from + i + 1, left - i - 1);
        i += 1 + fraction;
    }
    if (whole + fraction == 0)
        return SCALAR_TEXT;
    bool exponent = false;
    if (i < left && text_lower(from[i]) == 'e') {
        size_t j = i + 1;
        j += j < left && (from[j] == '-' || from[j] == '+');
        size_t n = digits(from + j, left - j);
        exponent = n > 0 && j + n == left;
        i = exponent ? left : i;
    }
    if (i == left && !(whole > 1 && from[0] == '0' && point == 0 && !exponent))
        return SCALAR_NUMBER;
    return is_disputed_number(from, left) ? SCALAR_DISPUTED : SCALAR_TEXT;
}

ScalarMeaning
scalar_meaning(const char *at, size_t len)
{
    char first = len > 0 ? at[0] : '~';
    if (is_digit(first) || first == '+' || first == '-' || first == '.') {
        ScalarMeaning meaning = number_meaning(at, len);
        if (meaning != SCALAR_TEXT)
            return meaning;
    }
    return len > 5 || strchr("~nNtTfFyYoO+-.", first) == NULL ? SCALAR_TEXT
                                                              : word_meaning(at, len);
}

bool
scalar_is_date(const char *at, size_t len)
{
    return len >= 10 && digits(at, len) == 4 && at[4] == '-' && digits(at + 5, len - 5) == 2 &&
           at[7] == '-' && digits(at + 8, len - 8) >= 2;
}
