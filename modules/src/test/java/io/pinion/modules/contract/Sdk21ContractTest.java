package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract with a module on the npm SDK 2.10.1, which uses {@code spacetime:sys@2.0} and {@code 2.1}. */
class Sdk21ContractTest extends HandlerContract {
    @Override
    Bytes program() {
        return Examples.sdk("2-1");
    }

    @Override
    boolean isKeptAfterFailure() {
        return true;
    }

    @Override
    boolean isRefusedCommitTriedAgain() {
        return true;
    }

    @Override
    boolean isSaid(String line) {
        return !line.equals("scheduled 1");
    }

    /** The bundle carries a source map. */
    @Test
    void aStackShowsTheAuthorsFilesAndALogLineTheBundle() {
        call("fail");

        List<Frame> trace = host.lines.stream()
                .filter(line -> line.level() == Level.PANIC)
                .findFirst()
                .orElseThrow()
                .trace();
        assertTrue(String.valueOf(trace.getFirst().moduleName()).startsWith("src/core.ts:"), trace::toString);

        call("context");

        assertEquals("spacetimedb_module", last().filename());
    }
}
