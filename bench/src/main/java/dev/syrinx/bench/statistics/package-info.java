/** What timings say about times: effects of processes and rounds, and intervals that hold what they promise. */
package dev.syrinx.bench.statistics;
