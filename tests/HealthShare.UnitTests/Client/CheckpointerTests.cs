using System.Text;
using HealthShare.Fabric.Client;

namespace HealthShare.UnitTests.Client;

/// <summary>A position is kept whole or not at all, and a damaged one is never taken for none.</summary>
public sealed class CheckpointerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly string path;

    public CheckpointerTests() => path = Path.Combine(folder.FullName, "checkpoint.json");

    [Fact]
    public async Task A_position_is_kept_for_the_next_process()
    {
        Assert.Null(await new FileCheckpointer(path).LoadAsync());
        foreach (var position in new[] { new EventPosition(0), new EventPosition(12, "tx"), new EventPosition(ulong.MaxValue) })
        {
            await new FileCheckpointer(path).SaveAsync(position);
            Assert.Equal(position, await new FileCheckpointer(path).LoadAsync());
        }
        Assert.Equal([path], Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public async Task A_file_cut_anywhere_or_with_any_byte_changed_is_an_error()
    {
        await new FileCheckpointer(path).SaveAsync(new EventPosition(120, "ab"));
        var whole = await File.ReadAllBytesAsync(path);
        for (var length = 0; length < whole.Length; length++)
        {
            await AssertRefusedAsync(whole[..length]);
        }
        for (var place = 0; place < whole.Length; place++)
        {
            byte[] changed = [.. whole];
            changed[place] ^= 1;
            await AssertRefusedAsync(changed);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"blockNumber\":-1,\"transactionId\":null,\"sha256\":\"\"}")]
    [InlineData("{\"blockNumber\":1,\"transactionId\":null,\"sha256\":null}")]
    [InlineData("{\"blockNumber\":1,\"transactionId\":null}")]
    public Task A_file_that_is_something_else_is_an_error(string text) => AssertRefusedAsync(Encoding.UTF8.GetBytes(text));

    [Fact]
    public Task A_huge_file_is_not_read() => AssertRefusedAsync(new byte[1_000_000]);

    [Fact]
    public async Task What_a_crash_left_beside_the_file_does_no_harm()
    {
        await new FileCheckpointer(path).SaveAsync(new EventPosition(1));
        await File.WriteAllTextAsync(path + ".new", "{ half a");

        Assert.Equal(new EventPosition(1), await new FileCheckpointer(path).LoadAsync());
        await new FileCheckpointer(path).SaveAsync(new EventPosition(2));
        Assert.Equal(new EventPosition(2), await new FileCheckpointer(path).LoadAsync());
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_an_error_on_both_ways()
    {
        var lost = new FileCheckpointer(Path.Combine(folder.FullName, "gone", "checkpoint.json"));

        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await lost.LoadAsync());
        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await lost.SaveAsync(new EventPosition(1)));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private async Task AssertRefusedAsync(byte[] content)
    {
        await File.WriteAllBytesAsync(path, content);
        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () => await new FileCheckpointer(path).LoadAsync());
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }
}
