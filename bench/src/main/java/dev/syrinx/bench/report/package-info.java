/** Reads what the studies measured: the page, the table, comparisons, and the replay of a single utterance. */
package dev.syrinx.bench.report;
