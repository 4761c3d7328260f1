"""The sizes of the small voice, in one place. The official code reads most of them from config.yaml; the rest it has as constants (official.py)."""

HIDDEN = 96  # width of the content features: w2v-BERT, codec, conditioner input, output of gpt_layer
STYLE = 64  # CAM++ embedding
CODES = 512  # codebook entries; start and stop token follow
TEXT_PIECES = 512
EMOTIONS = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
EMO_ROWS = 4  # rows of feat1 and feat2 for each emotion
EMO_PERCEIVER = 64  # a constant 1024 in the official code
POSITION_ROWS = 400  # rows of the conformers' position tables, enough for prompts of 15 s
MEL_PER_CODE = 22050 / 256 / 50  # the official pipeline rounds it to 1.72

W2V = dict(
    hidden_size=HIDDEN, num_hidden_layers=17, num_attention_heads=3, intermediate_size=192, feature_projection_input_dim=160,
    position_embeddings_type="relative_key", left_max_position_embeddings=64, right_max_position_embeddings=8,
    conv_depthwise_kernel_size=31, add_adapter=False, apply_spec_augment=False, hidden_act="swish", layer_norm_eps=1e-5,
    layerdrop=0.0, mask_time_prob=0.0, mask_feature_prob=0.0,
)

CODEC = dict(codebook_size=CODES, hidden_size=HIDDEN, codebook_dim=8, vocos_dim=64, vocos_intermediate_dim=192, vocos_num_layers=3)

GPT = dict(
    model_dim=256, layers=6, heads=4, max_mel_tokens=800, max_text_tokens=160, use_mel_codes_as_input=True, mel_length_compression=1024,
    number_text_tokens=TEXT_PIECES, number_mel_codes=CODES + 2, start_mel_token=CODES, stop_mel_token=CODES + 1,
    start_text_token=0, stop_text_token=1, train_solo_embeddings=False, condition_type="conformer_perceiver",
    condition_module=dict(output_size=48, linear_units=96, attention_heads=2, num_blocks=2, input_layer="conv2d2", perceiver_mult=1),
    emo_condition_module=dict(output_size=32, linear_units=64, attention_heads=2, num_blocks=2, input_layer="conv2d2", perceiver_mult=1),
)

S2MEL = dict(
    preprocess_params=dict(sr=22050, spect_params=dict(n_fft=1024, win_length=1024, hop_length=256, n_mels=80, fmin=0, fmax="None")),
    dit_type="DiT", reg_loss_type="l1", style_encoder=dict(dim=STYLE),
    length_regulator=dict(
        channels=128, is_discrete=False, in_channels=HIDDEN, content_codebook_size=8, sampling_ratios=[1, 1, 1, 1], vector_quantize=False,
        n_codebooks=1, quantizer_dropout=0.0, f0_condition=False, n_f0_bins=512),
    DiT=dict(
        hidden_dim=128, num_heads=2, depth=3, class_dropout_prob=0.1, block_size=8192, in_channels=80, style_condition=True,
        final_layer_type="wavenet", target="mel", content_dim=128, content_codebook_size=8, content_type="discrete", f0_condition=False,
        n_f0_bins=512, content_codebooks=1, is_causal=False, long_skip_connection=True, zero_prompt_speech_token=False,
        time_as_token=False, style_as_token=False, uvit_skip_connection=True, add_resblock_in_transformer=False),
    wavenet=dict(hidden_dim=128, num_layers=2, kernel_size=3, dilation_rate=1, p_dropout=0.0, style_condition=True),
)
GPT_LAYER = (64, 32)  # inner widths of gpt_layer, 256 and 128 in the official code

BIGVGAN = dict(
    resblock="1", upsample_rates=[4, 4, 4, 4], upsample_kernel_sizes=[8, 8, 8, 8], upsample_initial_channel=192,
    resblock_kernel_sizes=[3, 7], resblock_dilation_sizes=[[1, 3, 5], [1, 3, 5]], use_tanh_at_final=False, use_bias_at_final=False,
    activation="snakebeta", snake_logscale=True, num_mels=80, n_fft=1024, hop_size=256, win_size=1024, sampling_rate=22050, fmin=0, fmax=None,
)

# what this voice wants instead of the official defaults: codes repeat within an utterance, so a penalty on repetition would forbid speech
INFERENCE = dict(repetition_penalty=1.0, num_beams=1, top_p=0.8, top_k=30, temperature=0.5)


LONGEST = 680  # codes of a segment in the exported model: 13.6 s; longer ones were not trained


def config():
    """config.yaml as a dictionary, with the official keys."""
    mel = dict(sample_rate=24000, n_fft=1024, hop_length=256, win_length=1024, n_mels=100, mel_fmin=0, normalize=False)
    return dict(
        dataset=dict(bpe_model="bpe.model", sample_rate=24000, squeeze=False, mel=mel), gpt=dict(GPT, max_mel_tokens=LONGEST), semantic_codec=CODEC, s2mel=S2MEL,
        gpt_checkpoint="gpt.pth", w2v_stat="wav2vec2bert_stats.pt", s2mel_checkpoint="s2mel.pth", emo_matrix="feat2.pt",
        spk_matrix="feat1.pt", emo_num=[EMO_ROWS] * len(EMOTIONS), qwen_emo_path="qwen0.6bemo4-merge/",
        vocoder=dict(type="bigvgan", name="nvidia/bigvgan_v2_22khz_80band_256x"), inference=INFERENCE, version=2.0)
