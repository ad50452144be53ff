using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Intake;

/// <summary>
/// Encrypts what the journal keeps: a version byte, 16 bytes that name a key, a 12-byte random nonce, ciphertext, a 16-byte tag (AES-256-GCM). The key is
/// derived by HKDF from those bytes, which are random, made at start and anew long before nonces could repeat. Bound to the entry's id and to what it is,
/// so rows cannot be swapped. Version 1, a key per entry derived from its id, is still read. Thread-safe.
/// </summary>
internal sealed class PayloadCipher(SecretKey key) : IDisposable
{
    private const byte KeyPerEntry = 1;
    private const byte KeyPerRun = 2;
    private const int NameSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = 1 + NameSize + NonceSize + TagSize;
    private const int MostUses = 1 << 30; // random nonces under one key: far from the 2^32 at which a repetition becomes thinkable
    private const int MostKnown = 16;

    private readonly ConcurrentDictionary<UInt128, Contexts> known = new();
    private Contexts current = Contexts.New(key);

    /// <summary>Encrypts.</summary>
    public byte[] Protect(ReadOnlySpan<byte> plaintext, string id, string what)
    {
        var contexts = Current();
        var output = GC.AllocateUninitializedArray<byte>(Overhead + plaintext.Length);
        output[0] = KeyPerRun;
        contexts.Name.CopyTo(output, 1);
        var nonce = output.AsSpan(1 + NameSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        var aes = contexts.Take();
        aes.Encrypt(nonce, plaintext, output.AsSpan(1 + NameSize + NonceSize, plaintext.Length), output.AsSpan(output.Length - TagSize), Bound(id, what));
        contexts.GiveBack(aes);
        return output;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">The bytes were changed, or belong to another entry.</exception>
    public byte[] Unprotect(ReadOnlySpan<byte> input, string id, string what)
    {
        if (input is [KeyPerEntry, .. var earlier] && earlier.Length >= NonceSize + TagSize)
            return UnprotectEarlier(earlier, id, what);
        if (input.Length < Overhead || input[0] != KeyPerRun)
            throw new CryptographicException("The journal's entry is not of a known form.");
        var contexts = ContextsOf(input.Slice(1, NameSize));
        var sealedPart = input[(1 + NameSize)..];
        var plaintext = GC.AllocateUninitializedArray<byte>(input.Length - Overhead);
        var aes = contexts.Take();
        aes.Decrypt(sealedPart[..NonceSize], sealedPart[NonceSize..^TagSize], sealedPart[^TagSize..], plaintext, Bound(id, what));
        contexts.GiveBack(aes);
        return plaintext;
    }

    public void Dispose()
    {
        foreach (var contexts in known.Values)
            contexts.Dispose();
        current.Dispose();
        key.Dispose();
    }

    private Contexts Current()
    {
        var contexts = Volatile.Read(ref current);
        if (contexts.CountUse() < MostUses)
            return contexts;
        var fresh = Contexts.New(key);
        // Whoever comes second goes on with the first one's; the spent key's contexts are let go of with their last user.
        return Interlocked.CompareExchange(ref current, fresh, contexts) == contexts ? fresh : Volatile.Read(ref current);
    }

    private Contexts ContextsOf(ReadOnlySpan<byte> name)
    {
        var own = Volatile.Read(ref current);
        if (name.SequenceEqual(own.Name))
            return own;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(name);
        if (known.TryGetValue(number, out var contexts))
            return contexts;
        if (known.Count >= MostKnown) // a queue of many runs: each of them is derived again when it comes up again
            known.Clear();
        return known.GetOrAdd(number, new Contexts(key, name.ToArray()));
    }

    private byte[] UnprotectEarlier(ReadOnlySpan<byte> input, string id, string what)
    {
        Span<byte> derived = stackalloc byte[SecretKey.Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, [], Encoding.UTF8.GetBytes($"healthshare-journal-v1\n{id}"));
        using var aes = new AesGcm(derived, TagSize);
        CryptographicOperations.ZeroMemory(derived);
        var plaintext = new byte[input.Length - NonceSize - TagSize];
        aes.Decrypt(input[..NonceSize], input[NonceSize..^TagSize], input[^TagSize..], plaintext, Bound(id, what));
        return plaintext;
    }

    private static byte[] Bound(string id, string what) => Encoding.UTF8.GetBytes($"{what}\n{id}");

    /// <summary>One key's ciphers; each serves one caller at a time, and making one costs more than using it.</summary>
    private sealed class Contexts : IDisposable
    {
        private readonly ConcurrentBag<AesGcm> free = [];
        private readonly byte[] derived = GC.AllocateArray<byte>(SecretKey.Size, pinned: true);
        private int uses;

        public Contexts(SecretKey key, byte[] name)
        {
            Name = name;
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, name, "healthshare-journal-v2"u8);
        }

        public byte[] Name { get; }

        public static Contexts New(SecretKey key) => new(key, RandomNumberGenerator.GetBytes(NameSize));

        public int CountUse() => Interlocked.Increment(ref uses);

        public AesGcm Take() => free.TryTake(out var aes) ? aes : new AesGcm(derived, TagSize);

        // One that failed is not given back: nothing is known of its state.
        public void GiveBack(AesGcm aes) => free.Add(aes);

        public void Dispose()
        {
            CryptographicOperations.ZeroMemory(derived);
            while (free.TryTake(out var aes))
                aes.Dispose();
        }
    }
}
