using System.Numerics;
using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// The noise a question demands of every key holder, and what it promises. <b>Guarantee:</b> ρ-zero-concentrated differential privacy with ρ = <see cref="Charge"/>, and pure
/// <see cref="Epsilon"/> where it is given, against anyone who knows the noise of all key holders but <see cref="KeyHolderTrust.Honest"/>; against everyone else with room to
/// spare, because the noise of the others is then unknown too. Made by <see cref="NoisePlanner"/> alone.
/// </summary>
public sealed class NoiseTerms
{
    internal NoiseTerms(NoiseMechanism mechanism, KeyHolderTrust trust, Workload workload, NanoRho charge, Epsilon? epsilon, PrefixFactorisation? factorisation)
    {
        Mechanism = mechanism;
        Trust = trust;
        Charge = charge;
        Epsilon = epsilon;
        Factorisation = factorisation;
        var streams = workload.StreamLength;
        Error = Math.Sqrt(trust.KeyHolders * mechanism.Variance) * (factorisation?.RunningSumError ?? Math.Sqrt((streams + 1) / 2.0));
    }

    /// <summary>The name of a plan in requests: that of its mechanism, with <c>+prefix</c> behind it where running sums are factorised.</summary>
    public string Name => Factorisation is null ? Mechanism.Name : $"{Mechanism.Name}+prefix";

    /// <summary>What each key holder draws from, for every counter.</summary>
    public NoiseMechanism Mechanism { get; }

    public KeyHolderTrust Trust { get; }

    /// <summary>What every site's ledger is charged.</summary>
    public NanoRho Charge { get; }

    /// <summary>The pure ε that holds; null when none does.</summary>
    public Epsilon? Epsilon { get; }

    /// <summary>How counters are multiplied before they are sealed; null when they are sent as they are.</summary>
    public PrefixFactorisation? Factorisation { get; }

    /// <summary>Root mean square error, in persons, of what is read from the vector: counters, or running sums where there are streams.</summary>
    public double Error { get; }

    /// <summary>40 standard deviations of one draw, rounded up: what a planned sum must leave room for.</summary>
    public BigInteger Bound => Mechanism.StandardDeviationBound * 40;
}
