package io.pinion.bench;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** The ways of keeping rows that are compared. Public for JMH. */
public enum StoreEngine {
    PINION_HASH,
    PINION_BTREE,
    PINION_DIRECT,
    HASHMAP,
    TREEMAP,
    H2,
    SQLITE;

    StoreSubject open(int width) throws SQLException {
        return switch (this) {
            case PINION_HASH -> new PinionSubject(Optional.of(IndexAlgorithm.HASH), width);
            case PINION_BTREE -> new PinionSubject(Optional.of(IndexAlgorithm.BTREE), width);
            case PINION_DIRECT -> new PinionSubject(Optional.of(IndexAlgorithm.DIRECT), width);
            case HASHMAP -> new MapSubject(new HashMap<>(), width);
            case TREEMAP -> new MapSubject(new TreeMap<>(), width);
            case H2 -> new SqlSubject("jdbc:h2:mem:", width);
            case SQLITE -> new SqlSubject("jdbc:sqlite::memory:", width);
        };
    }

    boolean isPinion() {
        return this == PINION_HASH || this == PINION_BTREE || this == PINION_DIRECT;
    }

    boolean isSql() {
        return this == H2 || this == SQLITE;
    }

    boolean isOrdered() {
        return this != PINION_HASH && this != HASHMAP;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
