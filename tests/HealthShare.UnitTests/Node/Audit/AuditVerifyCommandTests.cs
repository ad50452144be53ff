using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Audit;
using HealthShare.Node.Cli;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class AuditVerifyCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("audit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_folder_of_blocks_as_a_peer_gave_them_is_verified()
    {
        WriteFiles(count: 12);
        var (exit, output, _) = await Run("--blocks", folder);
        Assert.Equal(0, exit);
        Assert.Contains("Channel health, members HospitalAMSP", output, StringComparison.Ordinal);
        Assert.Contains("12 blocks with", output, StringComparison.Ordinal);
        Assert.EndsWith($"No fault found.{Environment.NewLine}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_file_is_verified_and_a_flipped_byte_in_it_names_its_block()
    {
        using (var file = BlockFile.Open(folder))
        {
            foreach (var block in FabricBlocks.ReadAll().Take(10))
                file.Append(block);
        }
        Assert.Equal(0, (await Run("--blocks", folder)).Exit);

        var path = Path.Combine(folder, BlockFileReader.FileName);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^100] ^= 4;
        await File.WriteAllBytesAsync(path, bytes);
        var (exit, output, _) = await Run("--blocks", folder, "--json");
        Assert.Equal(1, exit);
        var fault = JsonDocument.Parse(output).RootElement.GetProperty("fault");
        Assert.Equal(9, fault.GetProperty("block").GetInt32());
        Assert.Equal("Unreadable", fault.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_turned_flag_is_named_with_block_and_transaction_for_people_and_programs()
    {
        var number = (int)FabricBlocks.ReadAll().First(candidate =>
            candidate.Metadata.Metadata[2].Contains((byte)TxValidationCode.PhantomReadConflict)).Header.Number;
        WriteFiles(count: number + 2);
        var block = FabricBlocks.Read(number);
        Assert.Equal(1, block.Metadata.Metadata[2].Length);
        block.Metadata.Metadata[2] = Google.Protobuf.ByteString.CopyFrom(0);
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{number}.block"), Google.Protobuf.MessageExtensions.ToByteArray(block));
        var id = new BlockView(block).Transactions[0].Id;

        var (exit, text, _) = await Run("--blocks", folder);
        Assert.Equal(1, exit);
        Assert.Contains($"FAULT in block {number}, transaction 0 ({id}): ValidationFlag: It is flagged Valid and should be PhantomReadConflict",
            text, StringComparison.Ordinal);
        (exit, text, _) = await Run("--blocks", folder, "--json");
        Assert.Equal(1, exit);
        var result = JsonDocument.Parse(text).RootElement;
        Assert.False(result.GetProperty("ok").GetBoolean());
        Assert.Equal(number, result.GetProperty("blocks").GetInt32());
        Assert.Equal(id, result.GetProperty("fault").GetProperty("transactionId").GetString());
    }

    [Fact]
    public async Task Decisions_and_releases_are_recomputed_and_a_forged_one_is_named_even_in_blocks_without_flags()
    {
        using var scene = new LedgerScene();
        var channel = new TestChannel("health", "healthshare");
        Write(channel.Genesis);
        Write(channel.Definition);
        await SubmitAsync(LedgerTransactions.InitNetwork, LedgerScene.Founders, LedgerJson.Default.InitNetwork);
        await SubmitAsync(LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId, [scene.Credential()]), LedgerJson.Default.EnrollPatient);
        await SubmitAsync(LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), LedgerJson.Default.RegisterRecords);
        var request = scene.Request(1);
        var own = await SubmitAsync(LedgerTransactions.RequestAccess, request, LedgerJson.Default.RequestAccess);
        await SubmitAsync(LedgerTransactions.ReleaseKeys, Release(own), LedgerJson.Default.ReleaseKeys);

        var (exit, text, _) = await Run("--blocks", folder);
        Assert.Equal(0, exit);
        Assert.Contains($"1 decisions and 1 releases were recomputed, by version {DecisionReplay.RulesVersion} of the rules.", text, StringComparison.Ordinal);
        (_, text, _) = await Run("--blocks", folder, "--json");
        Assert.Equal((1, 1, DecisionReplay.RulesVersion), (Number(text, "decisions"), Number(text, "releases"), Number(text, "rulesVersion")));

        // Both members sign a release of what nobody asked for; the peer that gives the block leaves its flags out.
        var forged = new ReleaseEntry(Release(own with { Requester = LedgerScene.South }), LedgerScene.North, scene.Ledger.Now, LedgerScene.Start.AddHours(24));
        var envelope = Invoke(TestChannel.Write(LedgerKey.Release(forged.Release.Access, LedgerScene.North, forged.Release.ReleaseId),
            LedgerScene.Json(forged, LedgerJson.Default.ReleaseEntry)));
        var block = channel.Block(envelope);
        block.Metadata.Metadata[2] = Google.Protobuf.ByteString.Empty;
        Write(block);
        var id = new BlockView(block).Transactions[0].Id;
        (exit, text, _) = await Run("--blocks", folder);
        Assert.Equal(1, exit);
        Assert.Contains($"FAULT in block {block.Header.Number}, transaction 0 ({id}): ReleaseForged: ", text, StringComparison.Ordinal);
        (_, text, _) = await Run("--blocks", folder, "--json");
        Assert.Equal("ReleaseForged", JsonDocument.Parse(text).RootElement.GetProperty("fault").GetProperty("kind").GetString());

        async Task<AccessEntry> SubmitAsync<T>(string name, T argument, JsonTypeInfo<T> type)
        {
            var (response, stub) = await scene.RunAsync(LedgerScene.North, name, argument, type);
            Assert.True(response.IsSuccess, response.Message);
            Assert.Equal(TxValidationCode.Valid, stub.Commit());
            Write(channel.Block(Invoke([.. stub.Writes.Select(write => TestChannel.Write(write.Key, Encoding.UTF8.GetString(write.Value!.Value.Span)))])));
            return name == LedgerTransactions.RequestAccess ? LedgerScene.Read(response.Payload.ToArray(), LedgerJson.Default.AccessEntry) : null!;
        }

        Google.Protobuf.ByteString Invoke(params KVWrite[] writes) =>
            channel.Invoke(new TestChannel.Call("healthshare", writes) { ProposedAt = scene.Ledger.Now });

        static int Number(string json, string name) => JsonDocument.Parse(json).RootElement.GetProperty(name).GetInt32();

        static ReleaseKeys Release(AccessEntry access) => new(access.Ref, LedgerId.New(IdKind.Release), [LedgerScene.RecordId(1)],
            LedgerScene.KeyIdOf(access.Requester), Base64Url.EncodeToString(new byte[32]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_disk_accuses_nobody_and_is_said_to_people_and_programs(bool json)
    {
        using var full = new StoredReplayState(mostPages: 8);
        var (output, error) = (new StringWriter(), new StringWriter());
        var report = new AuditReport(output, error, json, TimeProvider.System);
        var exit = await AuditVerifyCommand.WithRoomAsync(report, () =>
        {
            for (var i = 0; i < 100; i++)
                full.Apply([new KVWrite { Key = $"key-{i}", Value = Google.Protobuf.ByteString.CopyFrom(new byte[1024]) }]);
            return Task.FromResult(0);
        });
        Assert.Equal(1, exit);
        Assert.Contains(StoredReplayState.Folder, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("full", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("FAULT", output.ToString(), StringComparison.Ordinal);
        if (json)
        {
            var said = JsonDocument.Parse(output.ToString()).RootElement;
            Assert.False(said.GetProperty("ok").GetBoolean());
            Assert.False(said.TryGetProperty("fault", out _));
        }
    }

    [Fact]
    public async Task A_missing_block_is_named()
    {
        WriteFiles(count: 8);
        File.Delete(Path.Combine(folder, "5.block"));
        var (exit, output, _) = await Run("--blocks", folder);
        Assert.Equal(1, exit);
        Assert.Contains("block 5: Unreadable: its file is missing", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("junk")]
    public async Task A_block_file_without_a_block_is_a_fault(string content)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "blocks.dat"), content);

        Assert.Equal(1, (await Run("--blocks", folder)).Exit);
    }

    [Fact]
    public async Task The_genesis_block_can_be_pinned()
    {
        WriteFiles(count: 2);
        var hash = Convert.ToHexString(new BlockView(FabricBlocks.Read(0)).Hash.Span);
        Assert.Equal(0, (await Run("--blocks", folder, "--genesis", hash)).Exit);
        Assert.Equal(1, (await Run("--blocks", folder, "--genesis", hash.Replace('A', 'B'))).Exit);
        Assert.Equal(2, (await Run("--blocks", folder, "--genesis", "abc")).Exit);
    }

    [Theory]
    [InlineData]
    [InlineData("--blocks", "DIR", "--connection", "none.json")]
    [InlineData("--blocks", "DIR", "--msp", "NorthMSP")]
    [InlineData("--blocks", "DIR")]
    [InlineData("--blocks", "DIR/none")]
    [InlineData("--connection", "DIR/none.json")]
    [InlineData("--nonsense")]
    public async Task Wrong_usage_is_said_and_exits_2(params string[] arguments)
    {
        var (exit, _, error) = await Run([.. arguments.Select(argument => argument.Replace("DIR", folder, StringComparison.Ordinal))]);
        Assert.Equal(2, exit);
        Assert.NotEmpty(error);
    }

    private void Write(Block block) => File.WriteAllBytes(
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{block.Header.Number}.block")),
        Google.Protobuf.MessageExtensions.ToByteArray(block));

    private void WriteFiles(int count)
    {
        for (var number = 0; number < count; number++)
        {
            File.WriteAllBytes(
                Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number}.block")), FabricBlocks.Bytes(number));
        }
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await NodeCommandLine.RunAsync(["audit", "verify", .. arguments], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
