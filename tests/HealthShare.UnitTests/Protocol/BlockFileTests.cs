using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.UnitTests.Protocol;

public sealed class BlockFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("blockfile-").FullName;

    private string FilePath => Path.Combine(folder, BlockFileReader.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Blocks_come_back_as_they_were_appended_also_after_reopening()
    {
        var blocks = Append(5);
        using var again = BlockFile.Open(folder);
        Assert.Equal(5UL, again.Height);
        Assert.Equal(0, again.BytesCut);
        Assert.Equal(blocks, again.ReadFrom());
        Assert.Equal(blocks[3], again.Read(3));
        again.Append(Make(5));
        Assert.Equal(Make(5), again.Read(5));
        Assert.Throws<ArgumentException>(() => again.Append(Make(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => again.Read(6));
    }

    [Fact]
    public void Whatever_length_a_crash_leaves_the_whole_blocks_survive_and_the_rest_is_cut()
    {
        Append(3);
        var whole = File.ReadAllBytes(FilePath);
        var ends = FrameStarts(whole);
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            using var file = BlockFile.Open(folder);
            Assert.Equal((ulong)ends.Count(end => end > 0 && end <= length), file.Height);
            Assert.Equal(file.Height == 3 ? 0 : length - ends.Last(end => end <= length), file.BytesCut);
            file.Append(Make(file.Height));
        }
    }

    [Fact]
    public void Zeros_that_a_file_system_left_behind_the_last_block_are_cut()
    {
        Append(2);
        using (var stream = File.OpenWrite(FilePath))
            stream.SetLength(stream.Length + 5000);
        using var file = BlockFile.Open(folder);
        Assert.Equal(2UL, file.Height);
        Assert.Equal(5000, file.BytesCut);
    }

    [Fact]
    public void Any_flipped_bit_is_reported_with_the_number_and_place_of_its_block()
    {
        Append(3);
        var whole = File.ReadAllBytes(FilePath);
        var starts = FrameStarts(whole);
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(FilePath, damaged);
            var number = starts.Count(start => start <= at) - 1;

            var report = Assert.Throws<BlockFileException>(() =>
            {
                using var reader = new BlockFileReader(folder);
                _ = reader.ReadFrom().Count();
            });
            Assert.Equal((ulong)number, report.BlockNumber);
            Assert.Equal(starts[number], report.Offset);
            Assert.Equal(damaged, File.ReadAllBytes(FilePath));
        }
    }

    [Fact]
    public void A_damaged_last_block_is_reported_and_not_cut()
    {
        Append(3);
        var bytes = File.ReadAllBytes(FilePath);
        bytes[^1] ^= 1;
        File.WriteAllBytes(FilePath, bytes);
        Assert.Equal(2UL, Assert.Throws<BlockFileException>(() => BlockFile.Open(folder)).BlockNumber);
        Assert.Equal(bytes, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void A_swapped_or_missing_block_is_reported()
    {
        Append(3);
        var bytes = File.ReadAllBytes(FilePath);
        var starts = FrameStarts(bytes);
        File.WriteAllBytes(FilePath, [.. bytes[..starts[1]], .. bytes[starts[2]..]]);
        Assert.Equal(1UL, Assert.Throws<BlockFileException>(() => BlockFile.Open(folder)).BlockNumber);
    }

    [Fact]
    public void A_reader_follows_a_writer_and_a_second_writer_is_refused()
    {
        using var writer = BlockFile.Open(folder);
        Assert.True(BlockFileReader.ExistsIn(folder));
        using var reader = new BlockFileReader(folder);
        Assert.Equal(0UL, reader.Height);
        writer.Append(Make(0));
        writer.Flush();
        Assert.Equal(1UL, reader.Refresh());
        Assert.Equal(Make(0), reader.Read(0));
        Assert.ThrowsAny<IOException>(() => BlockFile.Open(folder));
    }

    [Fact]
    public async Task Readers_read_while_the_writer_appends()
    {
        using var writer = BlockFile.Open(folder);
        var reading = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            using var reader = new BlockFileReader(folder);
            while (reader.Refresh() < 200)
                Assert.All(reader.ReadFrom(reader.Height > 3 ? reader.Height - 3 : 0), block => Assert.Equal(Make(block.Header.Number), block));
        })).ToArray();
        for (var number = 0UL; number < 200; number++)
            writer.Append(Make(number));
        await Task.WhenAll(reading);
    }

    private List<Block> Append(int count)
    {
        using var file = BlockFile.Open(folder);
        var blocks = Enumerable.Range(0, count).Select(number => Make((ulong)number)).ToList();
        blocks.ForEach(file.Append);
        file.Flush();
        return blocks;
    }

    private static Block Make(ulong number) => new()
    {
        Header = new() { Number = number, PreviousHash = ByteString.CopyFromUtf8($"hash of {number}") },
        Data = new() { Data = { ByteString.CopyFromUtf8($"envelope {number}") } },
    };

    private static List<int> FrameStarts(byte[] file)
    {
        var starts = new List<int>();
        for (var at = 0; at <= file.Length;)
        {
            starts.Add(at);
            if (at == file.Length)
                break;
            at += 20 + BitConverter.ToInt32(file, at);
        }
        return starts;
    }
}
