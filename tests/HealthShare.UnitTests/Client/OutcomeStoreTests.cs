using HealthShare.Fabric.Client;

namespace HealthShare.UnitTests.Client;

public sealed class OutcomeStoreTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Theory]
    [InlineData("plain")]
    [InlineData("../../etc/passwd")]
    [InlineData("ä / \\ : * \u0000")]
    public async Task A_key_of_any_characters_finds_its_own_transaction_after_a_restart(string key)
    {
        await new FileOutcomeStore(folder.FullName).SaveAsync(Sent(key), default);

        var found = await new FileOutcomeStore(folder.FullName).FindAsync(key, default);

        Assert.Equal(("tx-1", false), (found!.TransactionId, found.IsCommitted));
        Assert.Equal(Sent(key).Envelope.ToArray(), found.Envelope.ToArray());
        Assert.Null(await new FileOutcomeStore(folder.FullName).FindAsync(key + "x", default));
        Assert.All(folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories), file => Assert.EndsWith(".open", file.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_committed_transaction_leaves_no_arguments_behind_and_can_be_pruned()
    {
        var store = new FileOutcomeStore(folder.FullName);
        await store.SaveAsync(Sent("a"), default);
        await store.SaveAsync(Sent("a") with { Envelope = ReadOnlyMemory<byte>.Empty }, default);
        await store.SaveAsync(Sent("b"), default);

        Assert.True((await store.FindAsync("a", default))!.IsCommitted);
        Assert.Equal(1, store.Prune(DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Null(await store.FindAsync("a", default));
        Assert.NotNull(await store.FindAsync("b", default));
    }

    [Fact]
    public async Task Arguments_of_open_transactions_are_for_the_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return; // no such rights there
        var path = Path.Combine(folder.FullName, "outcomes");
        await new FileOutcomeStore(path).SaveAsync(Sent("a"), default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(path).UnixFileMode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new DirectoryInfo(path).GetFiles().Single().UnixFileMode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"key":"other","transactionId":"tx","fingerprint":"","envelope":""}""")]
    public async Task A_file_that_is_damaged_stops_the_key_instead_of_freeing_it(string content)
    {
        var store = new FileOutcomeStore(folder.FullName);
        await store.SaveAsync(Sent("a"), default);
        await File.WriteAllTextAsync(folder.EnumerateFiles().Single().FullName, content);

        await Assert.ThrowsAsync<InvalidDataException>(() => store.FindAsync("a", default));
    }

    [Fact]
    public async Task The_memory_forgets_the_oldest_committed_and_no_open_transactions()
    {
        var store = new MemoryOutcomeStore(capacity: 2);
        await store.SaveAsync(Sent("open"), default);
        foreach (var key in (string[])["a", "b", "c"])
            await store.SaveAsync(Sent(key) with { Envelope = ReadOnlyMemory<byte>.Empty }, default);

        Assert.Null(await store.FindAsync("a", default));
        Assert.NotNull(await store.FindAsync("c", default));
        Assert.NotNull(await store.FindAsync("open", default));
        await store.RemoveAsync("open", default);
        Assert.Null(await store.FindAsync("open", default));
    }

    [Fact]
    public async Task The_memory_takes_no_more_open_transactions_than_it_may_hold_and_has_room_again_once_one_ends()
    {
        var store = new MemoryOutcomeStore(capacity: 2);
        await store.SaveAsync(Sent("a"), default);
        await store.SaveAsync(Sent("b"), default);
        await store.SaveAsync(Sent("b"), default); // another attempt under the same key

        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync(Sent("c"), default));

        await store.SaveAsync(Sent("a") with { Envelope = ReadOnlyMemory<byte>.Empty }, default);
        await store.SaveAsync(Sent("c"), default);
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync(Sent("d"), default));
        await store.RemoveAsync("b", default);
        await store.SaveAsync(Sent("d"), default);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static SentTransaction Sent(string key) => new(key, "tx-1", new byte[] { 1, 2 }, new byte[] { 3, 4, 5 });
}
