# Masks of known seeds, computed apart from the product with Python's hmac and the package cryptography:
#   key = HKDF-SHA256(seed, info = "consilience/mask-key/v1" || context), no salt;
#   the mask's bytes are AES-256 of the 128-bit little-endian integers 0, 1, 2, …, read as little-endian words of the context's ring.
# Run: python3 compute.py > masks.csv
import hashlib
import hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

RUN, ROUND, SITE, HOLDER, REQUEST = bytes(range(16)), 3, b"aster", b"birch", bytes(range(32, 64))
SEED = bytes(range(100, 132))


def number(n):
    return n.to_bytes(4, "big")


def field(b):
    return number(len(b)) + b


def context(length, bits):
    return (field(b"consilience/mask/v1") + field(RUN) + number(ROUND) + field(b"site") + field(SITE) + field(b"key-holder") + field(HOLDER)
            + field(REQUEST) + number(length) + number(bits))


def hkdf(material, info):
    extracted = hmac.new(bytes(32), material, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def mask(length, bits):
    key = hkdf(SEED, b"consilience/mask-key/v1" + context(length, bits))
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    size = length * bits // 8
    stream = b"".join(cipher.update(i.to_bytes(16, "little")) for i in range((size + 15) // 16))[:size]
    return [int.from_bytes(stream[i:i + bits // 8], "little", signed=True) for i in range(0, size, bits // 8)]


print("bits,length,index,word")
for bits in (32, 64):
    for length, indices in ((5, range(5)), (300_000, (0, 16_383, 16_384, 262_143, 262_144, 299_999))):
        words = mask(length, bits)
        for i in indices:
            print(f"{bits},{length},{i},{words[i]}")
