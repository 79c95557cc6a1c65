package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class IdentityVectorsTest {
    private static final JsonNode VECTORS = Vectors.load("identity.json");

    @TestFactory
    Stream<DynamicTest> everyClaimDerivesItsIdentity() {
        return Vectors.stream(VECTORS.get("claims"))
                .map(claim -> dynamicTest(claim.get("identity_hex").asText(), () -> {
                    Identity identity = Identity.derive(
                            claim.get("issuer").asText(), claim.get("subject").asText());

                    assertEquals(claim.get("identity_hex").asText(), identity.toHex());
                    assertEquals(new BigInteger(claim.get("identity_decimal").asText()), identity.toBigInteger());
                    assertEquals(
                            claim.get("identity_bsatn").asText(),
                            identity.toBsatn().toHex());
                    assertEquals(identity, Identity.ofBsatn(identity.toBsatn()));
                    assertTrue(identity.hasValidChecksum());
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyChecksumIsJudgedRightly() {
        return Stream.concat(
                        Vectors.stream(VECTORS.get("checksum_valid")), Vectors.stream(VECTORS.get("checksum_invalid")))
                .map(vector -> dynamicTest(
                        vector.get("identity_hex").asText(),
                        () -> assertEquals(
                                vector.get("checksum_ok").asBoolean(),
                                Identity.parse(vector.get("identity_hex").asText())
                                        .hasValidChecksum())));
    }

    @Test
    void aFreshIdentityIsThatOfItsSubject() {
        Identity.Fresh fresh = Identity.fresh("localhost");

        assertEquals(Identity.derive("localhost", fresh.subject()), fresh.identity());
        assertTrue(fresh.subject().matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    }

    @Test
    void aConnectionIdIsReadFromItsHexTextAndNothingElse() {
        String hex = "ff010203040506070809" + "0a0b0c0d0e0f";

        assertEquals(hex, ConnectionId.parse(hex).toHex());
        assertEquals(
                hex,
                ConnectionId.parse("0xFF010203040506070809" + "0A0B0C0D0E0F").toHex());
        assertEquals(
                "0f0e0d0c0b0a090807060504030201ff",
                ConnectionId.parse(hex).toBsatn().toHex());
        for (String bad : new String[] {"", "ff", hex + "0", "0X" + hex, hex.replace('f', 'g')}) {
            assertThrows(IllegalArgumentException.class, () -> ConnectionId.parse(bad), bad);
        }
    }

    @Test
    void hashesAreTheOriginalKeccakAndBlake3() {
        assertEquals(
                "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
                Hashes.keccak256(Bytes.EMPTY).toHex());
        assertEquals(
                "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
                Hashes.blake3(Bytes.EMPTY).toHex());
    }

    @Test
    void aHashIsSpelledInReverseWithoutLeadingZeros() {
        Bytes hash = Bytes.ofHex("ab".repeat(31) + "00");

        assertEquals("0x" + "ab".repeat(31), Hashes.toJsonText(hash));
    }
}
