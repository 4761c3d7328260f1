package dev.syrinx.text.template;

/** Values that are none: Jinja tells the none of Python from a variable that nobody set. */
enum Absent {
  NONE,
  UNDEFINED
}
