package dev.syrinx.kernels;

/**
 * What a call must move and compute at least: the roofline of a shape.
 *
 * @param bytes compulsory memory traffic, each operand once
 * @param flops floating-point operations; a multiply-add counts two
 */
public record Cost(double bytes, double flops) {}
