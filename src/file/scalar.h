#ifndef FILE_SCALAR_H
#define FILE_SCALAR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a plain scalar (one without quotes) means.  YAML 1.1 and 1.2 disagree about many; what
 * both read alike is read so here, and all else is text.
 */
typedef enum {
    SCALAR_TEXT,
    SCALAR_NULL, /* nothing, ~, null, Null, NULL */
    SCALAR_TRUE, /* true, True, TRUE */
    SCALAR_FALSE,
    SCALAR_NUMBER,     /* decimal; whole, or with a point or exponent */
    SCALAR_NOT_FINITE, /* .nan, .inf */
    SCALAR_DISPUTED    /* text here; a number or boolean to some YAML readers: no, 0x1F, 010 */
} ScalarMeaning;

ScalarMeaning scalar_meaning(const char *at, size_t len);

/* True for 2026-01-31 and what begins so: a date to YAML 1.1. */
bool scalar_is_date(const char *at, size_t len);

#endif
