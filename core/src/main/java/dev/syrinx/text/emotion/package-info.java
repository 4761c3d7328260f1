/**
 * Emotions as eight weights, and the text side of the language model that reads them off a text: its prompt, and what its answer means.
 */
package dev.syrinx.text.emotion;
