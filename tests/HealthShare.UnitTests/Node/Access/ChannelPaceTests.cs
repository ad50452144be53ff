using System.Text.Json.Nodes;
using HealthShare.Node.Access.Requests;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>The time of an answer does not tell what exists.</summary>
public sealed class ChannelPaceTests
{
    [Fact]
    public async Task What_the_channel_is_not_asked_waits_as_long_as_what_it_was_asked_took_lately()
    {
        var clock = new NotedWaits();
        var pace = new ChannelPace(clock);
        await pace.WaitAsync(default);
        Assert.Equal(TimeSpan.FromMilliseconds(200), Assert.Single(clock.Waits));

        foreach (var took in (TimeSpan[])[TimeSpan.FromMilliseconds(90), TimeSpan.FromSeconds(8)])
            await pace.MeasureAsync(() => Passes(took));
        clock.Waits.Clear();
        for (var at = 0; at < 64; at++)
            await pace.WaitAsync(default);
        Assert.Equal([TimeSpan.FromMilliseconds(90), TimeSpan.FromSeconds(5)], clock.Waits.Distinct().Order());

        for (var at = 0; at < 32; at++) // what was long ago counts no more
            await pace.MeasureAsync(() => Passes(TimeSpan.FromMilliseconds(300)));
        clock.Waits.Clear();
        await pace.WaitAsync(default);
        Assert.Equal(TimeSpan.FromMilliseconds(300), Assert.Single(clock.Waits));
        clock.Forward(TimeSpan.FromMinutes(11));
        clock.Waits.Clear();
        await pace.WaitAsync(default);
        Assert.Equal(TimeSpan.FromMilliseconds(200), Assert.Single(clock.Waits));
        await Assert.ThrowsAsync<InvalidOperationException>(() => pace.MeasureAsync(() => throw new InvalidOperationException("away")));

        Task Passes(TimeSpan by)
        {
            clock.Forward(by);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Records_that_do_not_exist_and_own_ones_that_are_denied_wait_and_permitted_ones_do_not()
    {
        await using var scene = await AccessScene.StartAsync();
        var absent = LedgerId.New(IdKind.Record);
        Assert.Equal(1, await WaitsAsync(AccessScene.South, absent));
        Assert.Equal(0, await WaitsAsync(AccessScene.South, scene.Hiv)); // the channel denies it
        Assert.Equal(0, await WaitsAsync(AccessScene.North, scene.Glucose)); // an own one, for the hospital's own physician
        Assert.Equal(1, await WaitsAsync(AccessScene.North, scene.Glucose, absent));
        Assert.Equal(1, await WaitsAsync(AccessScene.North, absent));

        async Task<int> WaitsAsync(string mspId, params string[] records)
        {
            scene.Pace.Waits.Clear();
            await scene.AskAsync(mspId, new JsonObject
            {
                ["patientId"] = scene.PatientId, ["purpose"] = "TREAT", ["recordIds"] = new JsonArray([.. records.Select(id => (JsonNode?)id)]),
            });
            return scene.Pace.Waits.Count;
        }
    }
}
