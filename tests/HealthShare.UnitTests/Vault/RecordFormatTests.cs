using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Vault;
using HealthShare.Vault.Records;

namespace HealthShare.UnitTests.Vault;

public sealed class RecordFormatTests
{
    private const int Chunk = 4096;
    private const int Full = Chunk + 16;
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] VectorSalt = [.. Enumerable.Range(0xA0, 16).Select(i => (byte)i)];
    private static readonly byte[] Context = new RecordContext("health", "rc-aaaa").ToBytes();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData(3 * Chunk)]
    [InlineData(3 * Chunk + 1)]
    public async Task A_record_opens_to_what_was_sealed_around_the_borders_of_chunks(int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(length);
        var record = await SealAsync(plaintext);
        Assert.Equal(RecordLength.Sealed(length, Chunk), record.Length);
        Assert.Equal(plaintext, await OpenAsync(record));

        await using var fromMemory = new RecordSealStream(plaintext.AsMemory(), Key, Context, Chunk);
        Assert.Equal(record.Length, fromMemory.KnownLength);
        var sealedFromMemory = await ReadInSteps(fromMemory, 5000);
        Assert.Equal(record.Length, sealedFromMemory.Length);
        Assert.Equal(plaintext, await OpenAsync(sealedFromMemory));
    }

    [Fact]
    public void Any_length_and_any_way_of_reading_gives_the_record_back()
    {
        var arbitrary = ArbMap.Default.ArbFor<(NonNegativeInt Length, PositiveInt Step)>();
        Prop.ForAll(arbitrary, input =>
        {
            var (length, step) = (input.Length.Get * 97 % (5 * Chunk), input.Step.Get * 13);
            using var source = new GeneratedStream(length, i => (byte)(i * 7), step);
            var record = ReadInSteps(new RecordSealStream(source, Key, Context, Chunk), step).Result;
            var opened = OpenAsync(record).Result;
            return opened.SequenceEqual(Enumerable.Range(0, length).Select(i => (byte)(i * 7)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Any_flipped_bit_anywhere_is_refused()
    {
        var record = await SealAsync(RandomNumberGenerator.GetBytes(Chunk + 40));
        for (var at = 0; at < record.Length; at += at is < 24 or > Full ? 1 : 61)
        {
            var forged = (byte[])record.Clone();
            forged[at] ^= (byte)(1 << (at % 8));
            var refusal = await Assert.ThrowsAsync<VaultException>(() => OpenAsync(forged));
            Assert.StartsWith("record.", refusal.Code, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(24 + 3 * Full)] // at a chunk's border
    [InlineData(24 + 2 * Full)]
    [InlineData(24 + Full)]
    [InlineData(24)]
    [InlineData(24 + 3 * Full + 20)] // within the last
    [InlineData(24 + Full + 5)]
    public async Task A_record_cut_short_is_refused_wherever_it_is_cut(int length)
    {
        var record = await SealAsync(RandomNumberGenerator.GetBytes(3 * Chunk + 10));
        var refusal = await Assert.ThrowsAsync<VaultException>(() => OpenAsync(record[..length]));
        Assert.Equal("record.not_authentic", refusal.Code);
        await AssertRangeRefusedAsync(record[..length]);
    }

    [Fact]
    public async Task Chunks_that_are_swapped_repeated_or_added_are_refused()
    {
        var record = await SealAsync(RandomNumberGenerator.GetBytes(3 * Chunk + 10));
        byte[] header = record[..24], first = record[24..(24 + Full)], second = record[(24 + Full)..(24 + 2 * Full)];
        var rest = record[(24 + 2 * Full)..];
        foreach (byte[] forged in new byte[][]
        {
            [.. header, .. second, .. first, .. rest],
            [.. header, .. first, .. first, .. second, .. rest],
            [.. header, .. second, .. rest],
            [.. record, .. first],
            [.. record, 0],
            [.. record[..^26], .. new byte[26], .. record[^26..]],
        })
        {
            var refusal = await Assert.ThrowsAsync<VaultException>(() => OpenAsync(forged));
            Assert.Equal("record.not_authentic", refusal.Code);
        }
    }

    [Fact]
    public async Task Another_key_another_record_and_another_channel_do_not_open_it()
    {
        var record = await SealAsync([1, 2, 3]);
        var otherKey = (byte[])Key.Clone();
        otherKey[31] ^= 1;
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync(record, otherKey));
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync(record, Key, new RecordContext("health", "rc-aaab").ToBytes()));
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync(record, Key, new RecordContext("healt", "h\nrc-aaaa").ToBytes()));
    }

    [Theory]
    [InlineData(6, 31, "record.malformed")] // chunks of 2 GiB
    [InlineData(6, 255, "record.malformed")]
    [InlineData(6, 0, "record.malformed")]
    [InlineData(7, 1, "record.malformed")]
    [InlineData(0, 0, "record.malformed")]
    [InlineData(4, 2, "record.unsupported")]
    [InlineData(5, 9, "record.unsupported")]
    public async Task A_hostile_header_is_refused_before_memory_is_taken(int offset, byte value, string code)
    {
        var record = await SealAsync([1, 2, 3]);
        record[offset] = value;
        var refusal = await Assert.ThrowsAsync<VaultException>(() => OpenAsync(record));
        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(Chunk - 5, 10)]
    [InlineData(2 * Chunk, Chunk)]
    [InlineData(3 * Chunk + 5, 100)]
    [InlineData(9 * Chunk, 10)]
    public async Task A_range_opens_to_that_part_of_the_record(int offset, int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(3 * Chunk + 10);
        using var record = new MemoryStream(await SealAsync(plaintext));
        var part = await RecordRange.ReadAsync(record, Key, Context, offset, length, CancellationToken.None);
        Assert.Equal(plaintext.Skip(offset).Take(length), part);
    }

    /// <summary>The vectors of docs/content.md, made by another implementation (Python's cryptography).</summary>
    [Fact]
    public async Task The_written_vectors_hold()
    {
        Assert.Equal("4853524301010c00a0a1a2a3a4a5a6a7a8a9aaabacadaeafd4f53d6fa1e3fbbba979701a033107f1076ab04a7839f27ed3",
            Convert.ToHexStringLower(await VectorAsync("MSH|^~\\&|"u8.ToArray())));
        var two = await VectorAsync([.. Enumerable.Range(0, Chunk + 1).Select(i => (byte)(i * 31 + 7))]);
        Assert.Equal("156da42ab154776f0d6f29ec7b665d6f528dcf65aa2048bfaf93791723a666bc", Convert.ToHexStringLower(SHA256.HashData(two)));
        Assert.Equal("f28ccf48098dbe4c8f0fb5830a373687bb9d4848093cf03b015aef2144340b38",
            Convert.ToHexStringLower(RecordKeyCommitment.Compute(VectorSalt, Key)));
    }

    [Fact]
    public async Task Two_records_of_the_same_bytes_under_the_same_key_share_nothing()
    {
        var one = await SealAsync(new byte[100]);
        var two = await SealAsync(new byte[100]);
        Assert.NotEqual(one[24..], two[24..]);
    }

    [Fact]
    public async Task A_long_record_is_sealed_and_opened_in_constant_memory()
    {
        const long Length = 200L * 1024 * 1024;
        var before = GC.GetAllocatedBytesForCurrentThread();
        await using var source = new GeneratedStream(Length, _ => 7);
        await using var sealing = new RecordSealStream(source, Key, Context, 1024 * 1024);
        await using var opening = await RecordOpenStream.CreateAsync(sealing, Key, Context, CancellationToken.None);
        var buffer = new byte[1024 * 1024];
        long total = 0;
        for (int read; (read = await opening.ReadAsync(buffer)) > 0; total += read)
            Assert.Equal(7, buffer[read - 1]);
        Assert.Equal(Length, total);
        // Everything completes synchronously, so this thread's allocations are all of them.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024 * 1024);
    }

    private static async Task<byte[]> VectorAsync(byte[] plaintext)
    {
        using var sealing = new RecordSealStream(new MemoryStream(plaintext), RecordHeader.Create(Chunk, VectorSalt), Key, Context);
        return await ReadInSteps(sealing, 1000);
    }

    private static async Task<byte[]> SealAsync(byte[] plaintext)
    {
        using var sealing = new RecordSealStream(new MemoryStream(plaintext), Key, Context, Chunk);
        return await ReadInSteps(sealing, 5000);
    }

    private static async Task<byte[]> OpenAsync(byte[] record, byte[]? key = null, byte[]? context = null)
    {
        using var opening = await RecordOpenStream.CreateAsync(new MemoryStream(record), key ?? Key, context ?? Context, CancellationToken.None);
        return await ReadInSteps(opening, 3000);
    }

    private static async Task AssertRangeRefusedAsync(byte[] record)
    {
        using var stream = new MemoryStream(record);
        await Assert.ThrowsAsync<VaultException>(() => RecordRange.ReadAsync(stream, Key, Context, 0, 1, CancellationToken.None));
    }

    private static async Task<byte[]> ReadInSteps(Stream stream, int step)
    {
        using var all = new MemoryStream();
        var buffer = new byte[step];
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
