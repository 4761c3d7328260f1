/** What runs on this machine, what does not, why, and what to do about it. */
package dev.syrinx.app.doctor;
