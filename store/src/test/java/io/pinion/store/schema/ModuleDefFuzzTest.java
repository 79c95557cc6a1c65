package io.pinion.store.schema;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.pinion.store.FuzzBounds;
import io.pinion.store.tx.Datastore;
import io.pinion.store.value.Bytes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a module describes itself as: a definition that a datastore can be made of, or refused with reasons. */
class ModuleDefFuzzTest {
    static Stream<Arguments> seeds() {
        return Stream.concat(Vectors.MODULES.stream().map(Vectors::module), olderVersions())
                .map(bytes -> Arguments.of((Object) bytes.toArray()));
    }

    private static Stream<Bytes> olderVersions() {
        return Stream.of(OlderVersionsTest.sampleV8(), OlderVersionsTest.sampleV9());
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "3s")
    void aDescriptionIsADefinitionOrRefused(byte[] input) {
        readCheaply(input);
    }

    @Tag("slow")
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "10m")
    void aDescriptionIsADefinitionOrRefusedFor10Minutes(byte[] input) {
        readCheaply(input);
    }

    private static void readCheaply(byte[] input) {
        if (input.length <= FuzzBounds.INPUT_MAX) {
            @Nullable ModuleDef[] valid = new ModuleDef[1];
            FuzzBounds.assertCheap(input.length, () -> valid[0] = validate(input));
            if (valid[0] != null) {
                // What its types take is bounded by their number of parts.
                Datastore.create(valid[0]);
            }
        }
    }

    private static @Nullable ModuleDef validate(byte[] input) {
        try {
            return ModuleDef.of(Bytes.copyOf(input, 0, input.length));
        } catch (InvalidModuleDefException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("refused without a reason", e);
            }
            return null;
        }
    }
}
