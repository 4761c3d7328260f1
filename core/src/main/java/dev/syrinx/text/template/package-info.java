/**
 * Chat templates: the part of Jinja that prompts of language models use. What is outside that part is refused by name, never guessed.
 * The usual settings of prompt templates hold: {@code trim_blocks}, {@code lstrip_blocks}, no escaping.
 */
package dev.syrinx.text.template;
