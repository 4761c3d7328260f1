/** Events of the Java Flight Recorder: what a run did, for the tools that every JDK has. They cost a check of a flag while nobody records. */
package dev.syrinx.trace;
