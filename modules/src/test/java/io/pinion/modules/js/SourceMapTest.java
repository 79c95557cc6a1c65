package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.js.ScriptNames.Place;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceMapTest {
    /**
     * Line 1: nothing from column 0, a.ts 1:1 from column 4, b.ts 10:3 from column 9. Line 2: nothing. Line 3: a.ts 2:1
     * from column 0, with a name.
     */
    private static final String MAPPINGS = "A,IAAA,KCSE;;ADRFA";

    private static final String COMMENT = "//# sourceMappingURL=";

    private static String bundleWith(String url) {
        return String.join("\n", "code", COMMENT + url);
    }

    private static String bundle(String json) {
        String encoded = Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        String url = "data:application/json;charset=utf-8;base64," + encoded;
        return String.join("\n", "line one", "", "line three", COMMENT + url, "");
    }

    private static SourceMap map(String mappings) {
        return SourceMap.of(bundle(
                        "{\"version\":3,\"sourcesContent\":[\"x\",null,{\"y\":[1]}],\"sources\":[\"../src/a.ts\","
                                + "\"./b.ts\"],\"names\":[\"n\"],\"mappings\":\"" + mappings
                                + "\",\"more\":{\"mappings\":1}}"))
                .orElseThrow();
    }

    @Test
    void positionsAreThoseOfTheSegmentTheyAreIn() {
        SourceMap map = map(MAPPINGS);

        assertNull(map.original(1, 1));
        assertNull(map.original(1, 4));
        assertEquals(new Place("src/a.ts", 1, 1), map.original(1, 5));
        assertEquals(new Place("src/a.ts", 1, 1), map.original(1, 9));
        assertEquals(new Place("b.ts", 10, 3), map.original(1, 10));
        assertEquals(new Place("b.ts", 10, 3), map.original(1, 1_000));
        assertNull(map.original(2, 1));
        assertEquals(new Place("src/a.ts", 2, 1), map.original(3, 1));
        assertNull(map.original(4, 1));
        assertNull(map.original(0, 1));
    }

    @Test
    void aRootStandsBeforeEverySource() {
        String url =
                "data:application/json,%7B%22sourceRoot%22%3A%22lib%22%2C%22sources%22%3A%5B%22a+b.ts%22%5D%2C%22mappings"
                        + "%22%3A%22AAAA%22%7D";

        SourceMap map = SourceMap.of(bundleWith(url)).orElseThrow();

        assertEquals(new Place("lib/a+b.ts", 1, 1), map.original(1, 1));
    }

    @Test
    void aBundleWithoutAMapHasNone() {
        assertEquals(Optional.empty(), SourceMap.of("code"));
        assertEquals(Optional.empty(), SourceMap.of(bundleWith("bundle.js.map")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"sources\":[\"a\"",
                "{\"sources\":[\"a\"],\"mappings\":\"AC!A\"}",
                "{\"sources\":[\"a\"],\"mappings\":\"AEAA\"}",
                "{\"sources\":[\"a\"],\"mappings\":\"gggggggggg\"}",
                "{\"sources\":[\"a\"],\"mappings\":\"AA\"}",
                "{\"sources\":[],\"mappings\":\"AAAA\"}"
            })
    void aMalformedMapCountsAsNone(String json) {
        assertEquals(Optional.empty(), SourceMap.of(bundle(json)));
    }

    @Test
    void aMapIsNotMadeOfWhatIsNotBase64() {
        assertTrue(SourceMap.of(bundleWith("data:application/json;base64,*"))
                .isEmpty());
        assertTrue(
                SourceMap.of(bundleWith("data:application/json")).isEmpty());
    }
}
