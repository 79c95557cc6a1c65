package io.pinion.store.value;

import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.digests.KeccakDigest;

/** The two content hashes of the protocol, 32 bytes each. Threadsafe. */
public final class Hashes {
    public static final int HASH_BYTES = 32;

    private Hashes() {}

    /** Keccak-256 with the original padding, not NIST SHA3-256: what programs are known by. */
    public static Bytes keccak256(Bytes content) {
        return digest(new KeccakDigest(256), content);
    }

    /** BLAKE3 with its default output length. */
    public static Bytes blake3(Bytes content) {
        return digest(new Blake3Digest(HASH_BYTES), content);
    }

    /**
     * A hash as the value writer spells it. A hash is a U256 whose little-endian bytes are the hash bytes, so the digits
     * come out in the reverse of the usual order: {@code 0x…}, without leading zeros.
     */
    public static String toJsonText(Bytes hash) {
        return SatsJsonWriter.prefixedHex(new BsatnReader(hash).readBigInteger(HASH_BYTES, false));
    }

    private static Bytes digest(Digest digest, Bytes content) {
        digest.update(content.unsafeArray(), 0, content.length());
        byte[] hash = new byte[HASH_BYTES];
        digest.doFinal(hash, 0);
        return Bytes.wrap(hash);
    }
}
