using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.UnitTests.Support;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A ledger on a real file system that runs full.</summary>
public sealed class FullDiskTests
{
    [SmallDiskFact]
    public async Task It_refuses_what_is_new_keeps_what_it_took_and_goes_on_by_itself_once_there_is_room()
    {
        using var disk = new SmallDisk(4 * 1024 * 1024);
        await using var network = new LedgerNetwork(disk.Path);
        await network.InitializeAsync();
        // What is refused again and again is told when this time is over.
        var client = network.Client(options: Patient with { SubmitTimeout = TimeSpan.FromSeconds(15) });
        await client.SubmitAsync(Call("put", "before", "1"));

        disk.Fill();
        var large = new string('x', 20_000);
        var taken = await client.EndorseAsync(Call("put", "taken", large));
        await client.SubmitEndorsedAsync(taken); // the orderer has it; its block does not fit
        while (network.Host.Failure is null)
            await Task.Delay(5);
        var refused = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", "refused", "1")));
        Assert.Equal((LedgerStage.Submit, StatusCode.Unavailable), (refused.Stage, refused.Status));
        Assert.Contains(refused.PeerErrors, error => error.Message.Contains("its disk is full", StringComparison.Ordinal));
        Assert.Equal("1", Text(await client.EvaluateAsync(Call("get", "before"))));

        disk.Free();
        Assert.True((await client.GetCommitStatusAsync(taken.TransactionId)).IsValid);
        while (network.Host.Failure is not null)
            await Task.Delay(5);
        await client.SubmitAsync(Call("put", "after", "1"));
        Assert.Equal(large, Text(await client.EvaluateAsync(Call("get", "taken"))));
        await network.RestartAsync();
        Assert.Equal(["after", "before", "taken"], await KeysAsync(network.Client()));
        Assert.Equal(large, Text(await network.Client().EvaluateAsync(Call("history", "taken")))); // once, not twice
    }

    [SmallDiskFact]
    public async Task Writers_over_several_times_of_no_room_lose_nothing_and_double_nothing()
    {
        using var disk = new SmallDisk(4 * 1024 * 1024);
        await using var network = new LedgerNetwork(disk.Path);
        await network.InitializeAsync();
        var client = network.Client();
        List<string> committed = [];
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(async writer =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var key = $"{writer}-{i}";
                try
                {
                    await client.SubmitAsync(Call("put", key, "v"));
                    lock (committed)
                        committed.Add(key);
                }
                catch (LedgerException e) when (e.Stage is LedgerStage.Submit)
                {
                    await Task.Delay(5);
                }
            }
        }).ToList();
        for (var round = 0; round < 3; round++)
        {
            disk.Fill();
            while (network.Host.Failure is null)
                await Task.Delay(5);
            disk.Free();
            while (network.Host.Failure is not null)
                await Task.Delay(5);
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await network.RestartAsync();
        Assert.Empty(committed.Except(await KeysAsync(network.Client())));
        foreach (var key in committed)
            Assert.Equal("v", Text(await network.Client().EvaluateAsync(Call("history", key))));
    }

    private static async Task<string[]> KeysAsync(GatewayClient client) =>
        Text(await client.EvaluateAsync(Call("page", "", "", "10000", ""))).Split('|')[0].Split(',');
}
