/**
 * Numbers, dates, times, money, units and the like as words, in English and in Chinese: rules over ICU's spelling of numbers. The
 * reference's grammars are not part of it, so their choice among several right readings is met in the common cases and not in all.
 *
 * <p>To add a reading, add a {@link dev.syrinx.text.numbers.Rule} where its language keeps them and a line to the table of its test.
 * Earlier rules win. A rule's expression must take time linear in the text: a look-behind at its start, possessive repetitions.
 */
package dev.syrinx.text.numbers;
