package io.pinion.modules;

/** A version of HTTP. */
public enum HttpVersion {
    HTTP_0_9,
    HTTP_1_0,
    HTTP_1_1,
    HTTP_2,
    HTTP_3
}
