/**
 * From the prompt's features to what the model knows of its content: w2v-BERT 2.0 up to its 17th layer, and the codec whose codes the GPT
 * speaks.
 */
package dev.syrinx.model.semantic;
