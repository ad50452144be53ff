using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Content;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Database;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>
/// A node that is killed (SIGKILL) after it has taken a patient's revocation and before it is counted as done by two members goes on with
/// it when it is started again: nobody has to send it once more.
/// </summary>
public sealed class KilledRevocationTests(ChannelUnderTest channel) : IClassFixture<ChannelUnderTest>, IDisposable
{
    private const int KilledStatus = 128 + 9;
    private const string Patients = "/api/v1/patients";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-killed-revocation-");

    public void Dispose() => state.Delete(recursive: true);

    [DevLedgerFact("founds a channel of its own")]
    public async Task A_revocation_that_was_taken_is_done_after_the_node_was_killed_and_started_again()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var (patientId, grants) = ("", new List<string>());
        await using (var founder = await ChildNode.StartAsync(state.FullName, channel.ConnectionPath, "none"))
        {
            await Founders.FoundAsync(channel, founder.SealingKey);
            var start = LedgerTime.Truncate(DateTimeOffset.UtcNow);
            await UntilAsync(async () => (await founder.Http.GetAsync("/health/ready")).IsSuccessStatusCode);
            patientId = (await founder.Http.PostAsync(Patients, new JsonObject { ["number"] = "K-1" }, HttpStatusCode.Created)).GetProperty("patientId").GetString()!;
            await founder.Http.PostAsync($"{Patients}/{patientId}/first-credential", passkey.Credential(), HttpStatusCode.Created);
            for (var i = 0; i < 2; i++)
            {
                var grant = passkey.Statement(patientId, new GrantBody(Effect.Permit,
                    [new Provision { Who = [new WhoOrg("SouthMSP")] }], new Period(start, start.AddDays(30))));
                await founder.Http.PostAsync($"{Patients}/{patientId}/consents", passkey.Signed(grant), HttpStatusCode.Created);
                grants.Add(grant.Id);
            }
        }

        foreach (var (point, grant) in new[] { ("before:submit", grants[0]), ("before:count", grants[1]) })
        {
            await using (var struck = await ChildNode.StartAsync(state.FullName, channel.ConnectionPath, point))
            {
                using var body = new StringContent(
                    passkey.Signed(passkey.Statement(patientId, new RevokeBody(grant))).ToJsonString(), Encoding.UTF8, "application/json");
                await Unanswered.SendAsync(() => struck.Http.PostAsync($"{Patients}/{patientId}/consents/{grant}/revocation", body));
                Assert.Equal(KilledStatus, await struck.EndedAsync(Patience));
            }
            Assert.Equal(point == "before:submit", await StandsAsync(patientId, grant)); // on the channel, or not yet
            Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM revocation_task"));

            await using var next = await ChildNode.StartAsync(state.FullName, channel.ConnectionPath, "none");
            await UntilAsync(async () => await ScalarAsync("SELECT count(*) FROM revocation_task") == 0);
            Assert.False(await StandsAsync(patientId, grant));
            // Done means two members: that is told once, and no incident is noted.
            await UntilAsync(async () => await ScalarAsync("SELECT count(*) FROM event WHERE topic = 'revocation' AND kind = 'done'") == grants.IndexOf(grant) + 1);
            Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM incident"));
        }
    }

    private async Task<bool> StandsAsync(string patientId, string grant)
    {
        var answer = await channel.As("NorthMSP").EvaluateAsync(new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.GetConsent,
            JsonSerializer.Serialize(new GetConsent(patientId, grant), LedgerJson.Default.GetConsent)), CancellationToken.None);
        return JsonSerializer.Deserialize(answer.Span, LedgerJson.Default.ConsentList)!.Grants.Count == 1;
    }

    private async Task<long> ScalarAsync(string sql)
    {
        using var database = new SqliteDatabase($"Data Source={Path.Combine(state.FullName, "node.db")}");
        await using var connection = await database.OpenAsync(default);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "It did not come to that.");
            await Task.Delay(50);
        }
    }

    /// <summary>A node in a process of its own.</summary>
    private sealed class ChildNode : IAsyncDisposable
    {
        private readonly Process process;

        private ChildNode(Process process, string[] words)
        {
            this.process = process;
            Http = new HttpClient { BaseAddress = new Uri(words[1]), Timeout = TimeSpan.FromMinutes(5) };
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RevokingNodeProgram.Token);
            SealingKey = new SealingKey(words[2], words[3]);
        }

        public HttpClient Http { get; }

        public SealingKey SealingKey { get; }

        public static async Task<ChildNode> StartAsync(string folder, string connectionFile, string point)
        {
            var process = TestProgram.Start("revoking-node", folder, connectionFile, point);
            return await process.StandardOutput.ReadLineAsync() is { } line && line.Split(' ') is ["ready", ..] words
                ? new ChildNode(process, words)
                : throw new InvalidOperationException("The node did not start; its words are on the standard error.");
        }

        public async Task<int> EndedAsync(TimeSpan patience)
        {
            using var limit = new CancellationTokenSource(patience);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            process.Kill(); // does nothing to one that has ended
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
