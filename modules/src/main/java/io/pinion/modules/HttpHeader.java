package io.pinion.modules;

import io.pinion.store.value.Bytes;

/** One line of the headers of a request or a response. Neither part is checked. */
public record HttpHeader(String name, Bytes value) {}
