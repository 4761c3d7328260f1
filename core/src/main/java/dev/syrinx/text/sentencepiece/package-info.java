/**
 * SentencePiece models (BPE and Unigram) without native code: a damaged or hostile file makes the native library read outside its memory
 * and end the process, so the format is read and checked here. Algorithms as in Kudo and Richardson, 2018.
 */
package dev.syrinx.text.sentencepiece;
