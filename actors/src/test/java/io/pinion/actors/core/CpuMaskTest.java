package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuMaskTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''              | ''           | 0
                    0               | 0            | 1
                    0-3,7           | 0-3,7        | 5
                    7,0,1,2,3       | 0-3,7        | 5
                    ' 2 - 5 , 9 '   | 2-5,9        | 5
                    63,64           | 63-64        | 2
                    0,1,1,0-1       | 0-1          | 2
                    1023-1025,4000  | 1023-1025,4000 | 4
                    65535           | 65535        | 1
                    """)
    void aKernelListIsReadAndPrintedInItsShortestForm(String list, String printed, int size) {
        CpuMask mask = CpuMask.parse(list);

        assertEquals(printed, mask.toString());
        assertEquals(size, mask.size());
        assertEquals(size == 0, mask.isEmpty());
        assertEquals(mask, CpuMask.parse(mask.toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    x        | "x"
                    1,       | ""
                    ,        | ""
                    1-       | "1-"
                    -1       | "-1"
                    3-1      | has to go up
                    1.5      | "1.5"
                    65536    | 65536
                    0-99999999999 | "0-99999999999"
                    4294967295 | -1
                    """)
    void aListThatIsNoneNamesThePartThatIsWrong(String list, String named) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> CpuMask.parse(list));

        assertTrue(String.valueOf(e.getMessage()).contains(named), e.getMessage());
    }

    @Test
    void masksAreSets() {
        CpuMask mask = CpuMask.of(1, 5, 64, 200);

        assertEquals(CpuMask.parse("1,5,64,200"), mask);
        assertEquals(CpuMask.parse("1,5,64,200").hashCode(), mask.hashCode());
        assertEquals(CpuMask.of(1, 200), mask.minus(CpuMask.range(2, 100)));
        assertTrue(mask.containsAll(CpuMask.of(5, 200)));
        assertFalse(CpuMask.of(5).containsAll(mask));
        assertTrue(mask.containsAll(CpuMask.NONE));
        assertTrue(mask.contains(64));
        assertFalse(mask.contains(65));
        assertFalse(mask.contains(-1));
        assertFalse(mask.contains(60_000));
    }

    @Test
    void aMaskWithoutItsHighestCpusIsNoLongerThanNeeded() {
        CpuMask mask = CpuMask.of(3, 1000).minus(CpuMask.of(1000));

        assertEquals(CpuMask.of(3), mask);
        assertEquals(1, mask.wordCount());
    }

    @Test
    void wordsAreTheKernels() {
        CpuMask mask = CpuMask.of(0, 63, 65);

        assertEquals(2, mask.wordCount());
        assertEquals(0x8000_0000_0000_0001L, mask.word(0));
        assertEquals(2, mask.word(1));
        assertEquals(0, mask.word(2));
        assertEquals(mask, CpuMask.ofWords(new long[] {0x8000_0000_0000_0001L, 2, 0, 0}));
    }

    @Test
    void theHighestAreTakenFromTheEnd() {
        assertEquals(CpuMask.of(5, 9), CpuMask.of(1, 2, 5, 9).highest(2));
        assertArrayEquals(new int[] {5, 9}, CpuMask.of(9, 5).toArray());
        assertThrows(IllegalArgumentException.class, () -> CpuMask.of(1).highest(2));
    }
}
