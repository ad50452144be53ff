using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class AttestationReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_the_contracts_write_is_found_right()
    {
        using var scene = await CreateAsync();
        var attestation = Of(scene, StoryGrant);
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, attestation, Types.AttestConsent);
        Assert.Equal("permit.attested", (await scene.AskAsync(1)).Decisions[0].Reason);
        await scene.SubmitAsync(North, LedgerTransactions.WithdrawAttestation,
            new WithdrawAttestation(scene.Ledger.PatientId, attestation.AttestationId), Types.WithdrawAttestation);
        var again = Of(scene, StoryGrant);
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, again, Types.AttestConsent);
        await scene.RevokeAsync(again.AttestationId);
        Assert.Equal("deny.default", (await scene.AskAsync(1)).Decisions[0].Reason);
    }

    [Fact]
    public async Task An_attestation_in_anothers_name_by_a_stranger_or_for_what_may_not_be_attested_is_named()
    {
        using var scene = await CreateAsync();
        var entry = new AttestationEntry(Of(scene, StoryGrant), North, scene.Now);
        await ForgedAsync(South, entry);
        await ForgedAsync(South, entry with { Member = South }); // not affiliated
        await ForgedAsync(Stranger, entry with { Member = Stranger });
        await ForgedAsync(North, entry with { AttestedAt = scene.Now.AddSeconds(1) });
        await ForgedAsync(North, entry with { WithdrawnAt = scene.Now });
        await ForgedAsync(North, entry with { Attestation = Of(scene, StoryGrant with { EmergencyNever = true }) });
        await ForgedAsync(North, entry with { Attestation = Of(scene, StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(North)] }] }) });
        await ForgedAsync(North, entry with { Attestation = entry.Attestation with { Body = "AAAA" } });
        var revoked = LedgerId.New(IdKind.Statement);
        await scene.RevokeAsync(revoked);
        await ForgedAsync(North, entry with { Attestation = entry.Attestation with { AttestationId = revoked } });
        Assert.Null(await scene.ForgeAsync(North, PutEntry(scene, entry)));

        async Task ForgedAsync(string creator, AttestationEntry forged) =>
            Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(creator, PutEntry(scene, forged)))?.Kind);
    }

    [Fact]
    public async Task An_attestation_is_never_widened_revived_or_removed()
    {
        using var scene = await CreateAsync();
        var entry = new AttestationEntry(Of(scene, StoryGrant), North, scene.Now);
        Assert.Null(await scene.ForgeAsync(North, PutEntry(scene, entry)));
        var wider = Of(scene, StoryGrant with { Scope = [new Provision()] });
        await ForgedAsync(entry with { Attestation = wider with { AttestationId = entry.Attestation.AttestationId } });
        await ForgedAsync(entry);
        await ForgedAsync(entry with { WithdrawnAt = scene.Now.AddSeconds(-1) });
        Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(South, PutEntry(scene, entry with { WithdrawnAt = scene.Now })))?.Kind);
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(North, (PutEntry(scene, entry).Key, null)))?.Kind);
        Assert.Null(await scene.ForgeAsync(North, PutEntry(scene, entry with { WithdrawnAt = scene.Now })));
        await ForgedAsync(entry);

        async Task ForgedAsync(AttestationEntry forged) =>
            Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(North, PutEntry(scene, forged)))?.Kind);
    }

    [Fact]
    public async Task More_attestations_than_a_hospital_may_make_are_named()
    {
        using var scene = await CreateAsync();
        for (var i = 0; i < AttestedConsents.MaxPerMember; i++)
            Assert.Null(await scene.ForgeAsync(North, PutEntry(scene, new AttestationEntry(Of(scene, StoryGrant), North, scene.Now))));
        Assert.Equal(ReplayFaultKind.AttestationForged, (await scene.ForgeAsync(
            North, PutEntry(scene, new AttestationEntry(Of(scene, StoryGrant), North, scene.Now))))?.Kind);
    }

    private static AttestConsent Of(ReplayScene scene, GrantBody grant) => new(scene.Ledger.PatientId, LedgerId.New(IdKind.Statement),
        AttestationForm.Word, Base64Url.EncodeToString(StatementWriter.WriteGrant(grant)));

    private static (string Key, string? Json) PutEntry(ReplayScene scene, AttestationEntry entry) => Put(
        LedgerKey.Attestation(scene.Ledger.PatientId, entry.Member, entry.Attestation.AttestationId), entry, Types.AttestationEntry);
}
