/* tests/screen/term_parts.h: what term*.c share with one another and with nobody else */
#ifndef SITREP_TESTS_SCREEN_TERM_PARTS_H
#define SITREP_TESTS_SCREEN_TERM_PARTS_H

#include "tests/screen/term.h"

#define TERM_IN_CEILING (64u << 20)
#define TERM_OUT_CEILING (1u << 20)

void term_open_screen(struct term *term);

#endif
