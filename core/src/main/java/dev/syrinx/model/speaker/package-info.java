/** Who speaks: CAM++ (Wang et al. 2023), from the prompt's filter bank to one vector of the speaker's style. */
package dev.syrinx.model.speaker;
