using System.Text.Json;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>Waits for what members' nodes come to know by themselves, four minutes at most.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
            await Task.Delay(100, patience.Token);
    }

    /// <summary>Reads a page again until it says so. A refusal, such as 404 of what has not come yet, is no answer.</summary>
    public static Task UntilAsync(HttpClient client, string path, Func<JsonElement, bool> holds) => UntilAsync(async () =>
    {
        using var answer = await client.GetAsync(path);
        return answer.IsSuccessStatusCode && holds(await answer.JsonAsync());
    });
}
