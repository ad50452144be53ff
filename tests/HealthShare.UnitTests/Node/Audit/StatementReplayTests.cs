using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class StatementReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Deny = new(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start));

    [Fact]
    public async Task A_statement_that_the_patient_did_not_sign_is_forged()
    {
        using var scene = await CreateAsync();
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var statement = scene.Ledger.Statement(StoryGrant);
        var bytes = StatementWriter.Write(statement);
        await ForgedAsync(scene, PutGrant(scene, statement.Id, Signed(bytes, stranger.Sign(bytes))));
        await ForgedAsync(scene, PutGrant(scene, statement.Id, Signed(bytes, stranger.Sign(bytes)) with { Statement = "bm8" }));
        var own = StatementWriter.Write(statement with { Signer = new StatementSigner(stranger.CredentialId) });
        await ForgedAsync(scene, PutGrant(scene, statement.Id, Signed(own, stranger.Sign(own))));
        await ForgedAsync(scene, PutGrant(scene, statement.Id, scene.Ledger.Sign(statement with { Channel = "other" })));
        await ForgedAsync(scene, PutGrant(scene, statement.Id, scene.Ledger.Sign(statement with { Id = LedgerId.New(IdKind.Statement) })));
        await ForgedAsync(scene, PutGrant(scene, statement.Id, scene.Ledger.Sign(statement with { Body = new RevokeBody(LedgerId.New(IdKind.Statement)) })));
        var other = LedgerId.New(IdKind.Patient); // the same signature, for a patient who did not give it
        await ForgedAsync(scene, (LedgerKey.Statement(other, statement.Id), PutGrant(scene, statement.Id, scene.Ledger.Sign(statement)).Json));
    }

    [Fact]
    public async Task A_permit_that_was_kept_back_too_long_is_forged_and_a_deny_never_ages()
    {
        using var scene = await CreateAsync();
        var (permit, deny) = (scene.Ledger.Statement(StoryGrant), scene.Ledger.Statement(Deny));
        scene.Ledger.Ledger.Now = Start.AddSeconds(601);
        await ForgedAsync(scene, PutGrant(scene, permit.Id, scene.Ledger.Sign(permit)));
        var ahead = permit with { Issued = scene.Now.AddSeconds(61) };
        await ForgedAsync(scene, PutGrant(scene, ahead.Id, scene.Ledger.Sign(ahead)));
        Assert.Null(await scene.ForgeAsync(South, PutGrant(scene, deny.Id, scene.Ledger.Sign(deny))));
    }

    [Fact]
    public async Task A_statement_names_who_relayed_it_and_when_and_is_written_once()
    {
        using var scene = await CreateAsync();
        var statement = scene.Ledger.Statement(StoryGrant);
        var entry = new StatementEntry(statement.Id, scene.Ledger.Sign(statement), South, scene.Now);
        var key = LedgerKey.Statement(statement.Patient, statement.Id);
        await ForgedAsync(scene, Put(key, entry with { RelayedBy = North }, Types.StatementEntry));
        await ForgedAsync(scene, Put(key, entry with { AcceptedAt = scene.Now.AddSeconds(1) }, Types.StatementEntry));
        Assert.Equal(ReplayFaultKind.StatementForged,
            (await scene.ForgeAsync(Stranger, Put(key, entry with { RelayedBy = Stranger }, Types.StatementEntry)))?.Kind);
        Assert.Null(await scene.ForgeAsync(South, Put(key, entry, Types.StatementEntry)));
        await ForgedAsync(scene, Put(key, entry, Types.StatementEntry));
    }

    [Fact]
    public async Task A_deny_cannot_be_made_to_vanish()
    {
        using var scene = await CreateAsync();
        var deny = await scene.GrantAsync(Deny);
        var (key, endedKey) = (LedgerKey.Statement(scene.Ledger.PatientId, deny.StatementId), LedgerKey.EndedStatement(scene.Ledger.PatientId, deny.StatementId));
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, (key, null));
        await FaultAsync(scene, ReplayFaultKind.EntryUnreadable, (key, "")); // a peer takes an empty value for a deletion
        // Kept as something that ended, but without the patient's word for it.
        var ended = new EndedStatementEntry(
            deny.StatementId, EndedStatementKind.RevokedGrant, deny.RelayedBy, deny.AcceptedAt, deny.Signed, LedgerId.New(IdKind.Statement), scene.Now);
        await ForgedAsync(scene, Put(endedKey, ended, Types.EndedStatementEntry), (key, null));
        // The patient's revocation of another statement does not serve.
        var other = scene.Ledger.Statement(new RevokeBody(LedgerId.New(IdKind.Statement)));
        var revocation = new EndedStatementEntry(other.Id, EndedStatementKind.Revocation, South, scene.Now, scene.Ledger.Sign(other));
        await ForgedAsync(scene, Put(endedKey, ended with { RevokedBy = other.Id }, Types.EndedStatementEntry), (key, null),
            Put(LedgerKey.EndedStatement(scene.Ledger.PatientId, other.Id), revocation, Types.EndedStatementEntry));
        // Neither does a revocation that is written under the deny's own key.
        await FaultAsync(scene, ReplayFaultKind.StatementForged,
            Put(endedKey, revocation with { StatementId = deny.StatementId }, Types.EndedStatementEntry), (key, null));
        foreach (var kind in (EndedStatementKind[])[EndedStatementKind.RevokedUnseen, EndedStatementKind.Link])
            await FaultAsync(scene, ReplayFaultKind.EntryRemoved, (key, null), Put(endedKey, ended with { Kind = kind }, Types.EndedStatementEntry));
    }

    [Fact]
    public async Task A_revoked_permit_stays_revoked()
    {
        using var scene = await CreateAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var (patient, id) = (scene.Ledger.PatientId, grant.StatementId);
        var statement = scene.Ledger.Statement(new RevokeBody(id));
        var revocation = Put(LedgerKey.EndedStatement(patient, statement.Id),
            new EndedStatementEntry(statement.Id, EndedStatementKind.Revocation, South, scene.Now, scene.Ledger.Sign(statement)), Types.EndedStatementEntry);
        var ended = new EndedStatementEntry(
            id, EndedStatementKind.RevokedGrant, grant.RelayedBy, grant.AcceptedAt, grant.Signed, statement.Id, scene.Now);
        var unseen = ended with { Kind = EndedStatementKind.RevokedUnseen, Signed = null };
        // A revocation that leaves the grant in force, or leaves no trace of it.
        foreach (var entry in (EndedStatementEntry[])[ended, unseen])
            await ForgedAsync(scene, revocation, Put(LedgerKey.EndedStatement(patient, id), entry, Types.EndedStatementEntry));
        await ForgedAsync(scene, revocation);
        await scene.RevokeAsync(id);
        await ForgedAsync(scene, Put(LedgerKey.Statement(patient, id), grant, Types.StatementEntry));
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, (LedgerKey.EndedStatement(patient, id), null));
        await ForgedAsync(scene, Put(LedgerKey.EndedStatement(patient, id), unseen, Types.EndedStatementEntry));
    }

    [Fact]
    public async Task A_key_written_twice_at_once_or_given_its_own_policy_is_forged()
    {
        using var scene = await CreateAsync();
        var statement = scene.Ledger.Statement(StoryGrant);
        var write = PutGrant(scene, statement.Id, scene.Ledger.Sign(statement));
        await FaultAsync(scene, ReplayFaultKind.EntryForged, write, (write.Key, null), write);
        var fault = await scene.ReplayAsync(new TestTransaction() { Policies = [write.Key], ProposedAt = scene.Now });
        Assert.Equal(ReplayFaultKind.EntryForged, fault?.Kind);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("\0stmt\0only-one-part\0")]
    [InlineData("\0none\0")]
    [InlineData("\0")]
    [InlineData("")]
    public async Task A_key_that_no_contract_writes_is_named(string key)
    {
        using var scene = await CreateAsync();
        await FaultAsync(scene, ReplayFaultKind.EntryUnreadable, (key, "{}"));
    }

    [Fact]
    public async Task An_entry_that_no_contract_writes_is_named_whatever_its_kind()
    {
        using var scene = await CreateAsync();
        var parts = Enumerable.Repeat("x", 5).ToArray();
        foreach (var kind in Enum.GetValues<LedgerKind>())
        {
            var key = Enumerable.Range(0, 6).Select(count => LedgerKey.Prefix(kind, parts[..count])).First(key => LedgerKey.TryParse(key, out _, out _));
            foreach (var json in (string[])["", "null", "{}", "[]", "{\"statementId\":null}", "\xff"])
            {
                var fault = await scene.ForgeAsync(South, (key, json));
                Assert.True(fault is not null, $"{kind} {json}");
            }
        }
    }

    private static (string Key, string? Json) PutGrant(ReplayScene scene, string id, SignedStatement signed) => Put(
        LedgerKey.Statement(scene.Ledger.PatientId, id), new StatementEntry(id, signed, South, scene.Now), Types.StatementEntry);

    private static Task ForgedAsync(ReplayScene scene, params (string Key, string? Json)[] writes) =>
        FaultAsync(scene, ReplayFaultKind.StatementForged, writes);

    private static async Task FaultAsync(ReplayScene scene, ReplayFaultKind kind, params (string Key, string? Json)[] writes) =>
        Assert.Equal(kind, (await scene.ForgeAsync(South, writes))?.Kind);
}
