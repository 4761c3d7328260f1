/** How people reach the engine: the command line. The only place that ends the process or writes to the console. */
package dev.syrinx.app;
