package io.pinion.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A module in WebAssembly for looking up what was committed: accounts, and a record of every transfer between them made in
 * the transfer's own transaction; and registers.
 *
 * <pre>
 *   accounts  (id u64 primary key, balance i64)
 *   transfers (id u64 primary key, source u64, target u64, amount i64)
 *   registers (id u64 primary key, value u64)
 *   open(count u32, balance i64)                          the accounts 1 to count
 *   transfer(id u64, source u64, target u64, amount i64)  an error if there is a transfer of that id
 *   write(id u64, value u64)                              a register, which may be new
 *   swap(id u64, expected u64, value u64)                 an error if the register holds another value, which it names
 * </pre>
 */
public final class LedgerModule {
    private LedgerModule() {}

    public static byte[] program() {
        try (InputStream file = LedgerModule.class.getResourceAsStream("ledger.wasm")) {
            if (file == null) {
                throw new IllegalStateException("ledger.wasm is not on the class path");
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
