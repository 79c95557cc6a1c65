package io.pinion.actors.database;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;

/** What shows that a publisher has seen the plan of an update that disconnects clients. */
public final class MigrationToken {
    private MigrationToken() {}

    /**
     * The Keccak-256 of the hexadecimal digits of all three, in that order and without anything between them.
     *
     * @param before hash of the program that runs
     * @param after hash of the one that is to run
     */
    public static Bytes of(Identity database, Bytes before, Bytes after) {
        return Hashes.keccak256(Bytes.ofUtf8(database.toHex() + before.toHex() + after.toHex()));
    }
}
