package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** That the engine then counts every function is shown by {@link JsRunawayTest}. */
class CountedWebAssemblyTest {
    private static final String HEADER = "0061736d01000000";
    /** One function, which calls itself, and its export. */
    private static final String RECURSION =
            HEADER + "010401600000" + "03020100" + "0707010372756e0000" + "0a0601040010000b";

    private static byte[] counted(byte[] binary) throws CountedWebAssembly.RefusedException {
        return CountedWebAssembly.of(binary, binary.length);
    }

    private static byte[] counted(String hex) throws CountedWebAssembly.RefusedException {
        return counted(Bytes.ofHex(hex).toArray());
    }

    private static String refusal(byte[] binary) {
        return String.valueOf(assertThrows(CountedWebAssembly.RefusedException.class, () -> counted(binary))
                .getMessage());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void theSectionsOfAProgramStayAndDebugInformationComesBehindThem() throws Exception {
        byte[] counted = counted(RECURSION);

        byte[] program = Bytes.ofHex(RECURSION).toArray();
        assertArrayEquals(program, Arrays.copyOf(counted, program.length));
        String added = text(counted).substring(program.length);
        for (String part : new String[] {".debug_abbrev", ".debug_info", ".debug_line", "wasm-function[0]"}) {
            assertEquals(2, added.split(Pattern.quote(part), -1).length, part);
        }
    }

    @Test
    void debugInformationOfAProgramIsReplaced() throws Exception {
        byte[] real = Files.readAllBytes(Path.of("..", "examples", "contract-c", "contract.wasm"));

        assertArrayEquals(counted(real), counted(counted(real)));
        assertArrayEquals(
                counted(RECURSION), counted(HEADER + "000c0b2e64656275675f696e666f" + RECURSION.substring(16)));
        assertArrayEquals(counted(RECURSION), counted(RECURSION + "000b0a2e64656275675f737472"));
    }

    @Test
    void functionsThatAreImportedHaveAnIndexToo() throws Exception {
        byte[] relay = counted(HEADER + "010401600000" + "020d0104686f73740463616c6c0000" + "03020100"
                + "0707010372756e0001" + "0a0601040010000b");

        assertTrue(text(relay).contains("wasm-function[1]"));
    }

    @Test
    void aProgramWithoutFunctionsStaysAsItIs() throws Exception {
        assertArrayEquals(Bytes.ofHex(HEADER).toArray(), counted(HEADER));
    }

    @Test
    void aMemoryHasALargestSize() throws Exception {
        String max = text(counted(HEADER + "05030100" + "01")).substring(8);

        assertEquals(text(counted(HEADER + "0506010101808004")).substring(8), max);
        assertArrayEquals(Bytes.ofHex(HEADER + "050401010102").toArray(), counted(HEADER + "050401010102"));
    }

    @Test
    void sharedAndOtherMemoriesAreRefused() {
        for (int flags = 2; flags < 16; flags++) {
            refusal(Bytes.ofHex(HEADER + "050401" + "%02x".formatted(flags) + "0102")
                    .toArray());
        }
    }

    @Test
    void functionsHaveTheirLimits() {
        ByteArrayOutputStream many = code(CountedWebAssembly.FUNCTIONS_MAX + 1);
        many.writeBytes(new byte[4]);
        assertTrue(refusal(many.toByteArray()).contains("functions allowed"));

        ByteArrayOutputStream large = code(1);
        FunctionDebugInfo.writeLeb(large, CountedWebAssembly.FUNCTION_LENGTH_MAX + 1);
        large.write(0);
        assertTrue(refusal(large.toByteArray()).contains("bytes allowed"));
    }

    @Test
    void typesHaveTheirLimits() throws Exception {
        String values = "7f".repeat(CountedWebAssembly.VALUES_MAX);
        String type = "0160" + "64" + values + "64" + values;

        byte[] largest = Bytes.ofHex(HEADER + "01cc01" + type).toArray();
        assertArrayEquals(largest, counted(largest));
        assertTrue(refusal(Bytes.ofHex(HEADER + "0169" + "0160" + "0065" + values + "7f")
                        .toArray())
                .contains("results allowed"));
    }

    /** The beginning of a code section: the number of its functions; four more bytes have to follow. */
    private static ByteArrayOutputStream code(int functions) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Bytes.ofHex(HEADER).toArray());
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        FunctionDebugInfo.writeLeb(payload, functions);
        out.write(10);
        FunctionDebugInfo.writeLeb(out, payload.size() + 4);
        out.writeBytes(payload.toByteArray());
        return out;
    }

    /** Whatever a guest gives, there is an answer. */
    @Test
    void brokenProgramsAreRefused() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the broken programs: " + seed);
        Random random = new Random(seed);
        byte[] real = Files.readAllBytes(Path.of("..", "examples", "contract-c", "contract.wasm"));
        int refused = 0;
        for (int round = 0; round < 2_000; round++) {
            byte[] broken = Arrays.copyOf(real, random.nextInt(real.length));
            for (int i = 0; i < 3 && broken.length > 0; i++) {
                broken[random.nextInt(Math.min(broken.length, 400))] = (byte) random.nextInt();
            }
            try {
                counted(broken);
            } catch (CountedWebAssembly.RefusedException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "refused " + refused + " of them");
    }
}
