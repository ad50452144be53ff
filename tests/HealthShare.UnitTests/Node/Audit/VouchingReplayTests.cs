using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class VouchingReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_the_contracts_write_is_found_right()
    {
        using var scene = await CreateAsync();
        using var parent = new DelegateScene(scene.Ledger);
        using var found = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        foreach (var member in (string[])[North, South])
        {
            await AttestAsync(scene, member, Attested(scene, parent));
            await AttestAsync(scene, member, Attested(scene, found) with { Kind = VouchedKind.Credential, End = null });
        }
        await SubmitAsync(scene, LedgerTransactions.GrantConsent, parent.Sign(StoryGrant with { Effect = Effect.Deny }));
        scene.Ledger.Ledger.Now = Start.AddHours(72);
        await SubmitAsync(scene, LedgerTransactions.GrantConsent, parent.Sign(StoryGrant));
        await SubmitAsync(scene, LedgerTransactions.AddCredential, found.Sign(DelegateScene.Own(found.Passkey)));
        await SubmitAsync(scene, LedgerTransactions.RevokeCredential, found.Sign(new RevokeCredentialBody(scene.Ledger.Passkey.CredentialId)));
        await scene.AskAsync(1);
        await scene.SubmitAsync(South, LedgerTransactions.ObjectToSigner, new ObjectToSigner(scene.Ledger.PatientId, found.Id), Types.ObjectToSigner);
        var own = scene.Ledger.Statement(new RevokeDelegateBody(parent.Id)) with { Signer = new StatementSigner(found.Passkey.CredentialId) };
        await scene.SubmitAsync(East, LedgerTransactions.ObjectToSigner,
            new ObjectToSigner(scene.Ledger.PatientId, parent.Id, found.Sign(own)), Types.ObjectToSigner);
    }

    [Fact]
    public async Task Words_that_were_not_given_are_named()
    {
        using var scene = await CreateAsync();
        using var thief = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        var first = new VouchedEntry(Attested(scene, thief), [new Voucher(South, scene.Now)], 2);
        await ForgedAsync(East, first); // in South's name
        await ForgedAsync(East, first with { Vouchers = [new Voucher(East, scene.Now)] }); // not affiliated
        await ForgedAsync(South, first with { Needed = 1, CompleteAt = scene.Now });
        await ForgedAsync(South, first with { CompleteAt = scene.Now });
        await ForgedAsync(South, first with { Vouchers = [new Voucher(South, scene.Now), new Voucher(North, scene.Now)], CompleteAt = scene.Now });
        await ForgedAsync(South, first with { Vouchers = [new Voucher(South, scene.Now.AddHours(-72))] });
        await ForgedAsync(South, first with { Attested = first.Attested with { End = DelegateScene.End.AddYears(1) } });
        await ForgedAsync(South, first with { Attested = first.Attested with { Credentials = [scene.Ledger.Credential()] } });
        Assert.Null(await scene.ForgeAsync(South, PutEntry(scene, first)));
        var complete = first with { Vouchers = [.. first.Vouchers, new Voucher(North, scene.Now)], CompleteAt = scene.Now };
        await ForgedAsync(South, complete);
        await ForgedAsync(North, complete with { CompleteAt = scene.Now.AddHours(-72) });
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(South, (PutEntry(scene, first).Key, null)))?.Kind);
        // And a permit under so little of a power.
        var permit = thief.Statement(StoryGrant);
        Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(South, Put(
            LedgerKey.Statement(permit.Patient, permit.Id), new StatementEntry(permit.Id, thief.Sign(permit), South, scene.Now), Types.StatementEntry)))?.Kind);

        async Task ForgedAsync(string creator, VouchedEntry entry) =>
            Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(creator, PutEntry(scene, entry)))?.Kind);
    }

    [Fact]
    public async Task An_objection_is_by_one_who_may_and_is_never_taken_back()
    {
        using var scene = await CreateAsync();
        using var parent = new DelegateScene(scene.Ledger);
        await AttestAsync(scene, North, Attested(scene, parent));
        var known = scene.Read(LedgerKey.VouchedSigner(scene.Ledger.PatientId, parent.Id), Types.VouchedEntry);
        var word = scene.Ledger.Statement(new RevokeDelegateBody(parent.Id));
        await ForgedAsync(East, Vouching.Object(known, East, null, scene.Now)); // not affiliated
        await ForgedAsync(East, Vouching.Object(known, North, null, scene.Now));
        await ForgedAsync(East, Vouching.Object(known, East, word.Id, scene.Now)); // no statement with it
        await ForgedAsync(North, Vouching.Object(known, North, null, scene.Now.AddSeconds(1)));
        await ForgedAsync(North, Vouching.Object(known, North, null, scene.Now) with { Needed = 1 });
        var other = scene.Ledger.Statement(new RevokeDelegateBody(LedgerId.New(IdKind.Delegate)));
        Assert.NotNull(await scene.ForgeAsync(East, PutEntry(scene, Vouching.Object(known, East, other.Id, scene.Now)), Kept(scene, other)));
        Assert.NotNull(await scene.ForgeAsync(East, Kept(scene, word)));
        Assert.Null(await scene.ForgeAsync(East, PutEntry(scene, Vouching.Object(known, East, word.Id, scene.Now)), Kept(scene, word)));
        await ForgedAsync(North, known);
        await ForgedAsync(North, Vouching.Object(known, North, null, scene.Now));

        async Task ForgedAsync(string creator, VouchedEntry entry) =>
            Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(creator, PutEntry(scene, entry)))?.Kind);
    }

    private static (string Key, string? Json) Kept(ReplayScene scene, Statement statement) => Put(
        LedgerKey.EndedStatement(statement.Patient, statement.Id), new EndedStatementEntry(
            statement.Id, EndedStatementKind.DelegateRevoked, East, scene.Now, scene.Ledger.Sign(statement)), Types.EndedStatementEntry);

    private static AttestSigner Attested(ReplayScene scene, DelegateScene person) => new(scene.Ledger.PatientId, person.Id,
        VouchedKind.Guardian, [scene.Ledger.Credential(person.Passkey)], DelegateScene.End);

    private static Task AttestAsync(ReplayScene scene, string member, AttestSigner attested) =>
        scene.SubmitAsync(member, LedgerTransactions.AttestSigner, attested, Types.AttestSigner);

    private static Task SubmitAsync(ReplayScene scene, string transaction, SignedStatement signed) =>
        scene.SubmitAsync(South, transaction, signed, Types.SignedStatement);

    private static (string Key, string? Json) PutEntry(ReplayScene scene, VouchedEntry entry) => Put(
        LedgerKey.VouchedSigner(scene.Ledger.PatientId, entry.Attested.SignerId), entry, Types.VouchedEntry);
}
