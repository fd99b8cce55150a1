/// Which loss a clip range of the value function applies to; see ``ValueRegression``.
package enum ValueClip: Int32, Sendable {
  case larger = 1
  case alone
}
