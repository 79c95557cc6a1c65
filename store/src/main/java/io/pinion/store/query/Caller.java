package io.pinion.store.query;

import io.pinion.store.value.Identity;

/** Who asks. The owner of a database sees its private tables and every row. */
public record Caller(Identity identity, boolean isOwner) {}
