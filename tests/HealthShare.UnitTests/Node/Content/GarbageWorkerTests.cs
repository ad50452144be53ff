using System.Globalization;
using System.Threading.Channels;
using HealthShare.Node.Content;
using HealthShare.UnitTests.Vault;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Content;

public sealed class GarbageWorkerTests
{
    [Fact]
    public async Task It_collects_at_start_and_again_and_again_also_after_a_failure()
    {
        var collected = Channel.CreateUnbounded<TimeSpan>();
        var store = Substitute.For<IContentStore>();
        var calls = 0;
        store.CollectGarbageAsync(default, default).ReturnsForAnyArgs(call =>
        {
            collected.Writer.TryWrite(call.Arg<TimeSpan>());
            return ++calls == 1 ? Task.FromException<int>(new IOException("The disk is away.")) : Task.FromResult(1);
        });
        using var worker = Worker(store, new() { Interval = TimeSpan.FromMilliseconds(5), Grace = TimeSpan.FromHours(7) });
        await worker.StartAsync(CancellationToken.None);
        for (var i = 0; i < 3; i++)
            Assert.Equal(TimeSpan.FromHours(7), await collected.Reader.ReadAsync());
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task At_a_daemon_pins_are_let_go_and_blocks_are_left_to_those_who_run_it_unless_the_settings_say_otherwise()
    {
        foreach (var collects in new[] { false, true })
        {
            using var folder = new TemporaryFolder();
            await using var daemon = await HealthShare.UnitTests.Vault.Kubo.StandInKubo.StartAsync();
            using var store = HealthShare.Vault.Content.Kubo.KuboContentStore.Open(
                new() { Rpc = new() { Url = daemon.Url }, Folder = folder.Path, CollectsGarbage = collects });
            var cid = (await store.PutAsync(new MemoryStream([1]), CancellationToken.None)).Cid;
            await store.UnpinAsync(cid, CancellationToken.None);
            using var worker = new GarbageWorker(store, Options.Create(new ContentOptions
            {
                Provider = ContentProvider.Kubo, Garbage = new() { Interval = TimeSpan.FromHours(1), Grace = TimeSpan.Zero },
            }), TimeProvider.System, NullLogger<GarbageWorker>.Instance);
            await worker.StartAsync(CancellationToken.None);
            while (!daemon.Pins.IsEmpty || (collects && !daemon.Calls.Any(call => call.Call == "repo/gc")))
                await Task.Delay(5);
            await worker.StopAsync(CancellationToken.None);
            Assert.Equal(collects, daemon.Calls.Any(call => call.Call == "repo/gc"));
        }
    }

    [Fact]
    public async Task Switched_off_it_removes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = EmbeddedContentStore.Open(new() { Folder = folder.Path });
        var cid = (await store.PutAsync(new MemoryStream([1]), CancellationToken.None)).Cid;
        await store.UnpinAsync(cid, CancellationToken.None);
        using var worker = Worker(store, new() { Enabled = false, Interval = TimeSpan.FromMilliseconds(1), Grace = TimeSpan.Zero });
        await worker.StartAsync(CancellationToken.None);
        await worker.ExecuteTask!;
        Assert.True(await store.HasAsync(cid, CancellationToken.None));
    }

    [Theory]
    [InlineData("Interval", "00:00:59")]
    [InlineData("Interval", "31.00:00:00")]
    [InlineData("Grace", "-00:00:01")]
    public void A_setting_out_of_range_is_refused(string setting, string value)
    {
        var options = new ContentOptions();
        typeof(GarbageOptions).GetProperty(setting)!.SetValue(options.Garbage, TimeSpan.Parse(value, CultureInfo.InvariantCulture));
        Assert.Contains(setting, new ContentOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    private static GarbageWorker Worker(IContentStore store, GarbageOptions garbage) => new(
        store, Options.Create(new ContentOptions { Garbage = garbage }), TimeProvider.System, NullLogger<GarbageWorker>.Instance);
}
