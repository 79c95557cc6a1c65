package io.pinion.node;

import io.pinion.testing.LedgerClient.Transfer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One client's way to one ledger through one node. Every method waits for its answer. */
interface LedgerDoor {
    Told write(long register, long value);

    Told swap(long register, long expected, long value);

    Told transfer(Transfer transfer);

    /** The rows of a query whose columns are all numbers; empty if it was not answered. */
    Optional<Seen> rows(String sql, int columns);

    /** What became of a call. */
    sealed interface Told {}

    /** @param offset of its commit, where that is told */
    record Done(OptionalLong offset) implements Told {}

    /** The module's own error: nothing was changed. */
    record Refused(String message) implements Told {}

    /** It cannot be served now: it was not begun. */
    record NotBegun(String reason) implements Told {}

    record Unheard() implements Told {}

    /** Something that no call should be answered. */
    record Wrong(String answer) implements Told {}

    /** @param offset that the rows show, where that is told */
    record Seen(List<List<Long>> rows, OptionalLong offset) {}
}
